using System.Diagnostics.Metrics;
using static Weft.Graphs.WeftTelemetry;

namespace Weft.Runs;

/// <summary>The instruments of runs. They name graphs and statuses; ids are on spans and in the log only.</summary>
internal sealed class RunMetrics
{
    private readonly Meter _meter;
    private readonly Histogram<double> _duration;
    private readonly Histogram<double> _queueDuration;

    public RunMetrics(IMeterFactory meters)
    {
        _meter = meters.Create(Name);
        _duration = _meter.CreateHistogram<double>(
            Instruments.RunDuration,
            "s",
            "Time that runs took from their start to their end.",
            advice: new()
            {
                HistogramBucketBoundaries =
                    [0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600],
            });
        _queueDuration = _meter.CreateHistogram<double>(
            Instruments.QueueDuration,
            "s",
            "Time that runs waited before their first attempt started, without a delay that the client asked for.",
            advice: new() { HistogramBucketBoundaries = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60, 300, 1800] });
    }

    /// <summary>
    /// Reports the number of runs that execute and that wait, and of abandoned calls, each time a listener collects it. Runs do not pay
    /// for it.
    /// </summary>
    public void Observe(RunScheduler scheduler, RunBacklog backlog, StopGuards guards)
    {
        _meter.CreateObservableUpDownCounter(
            Instruments.AbandonedCalls, () => guards.AbandonedCount, "{call}", "Calls of code of graphs that did not stop in time.");
        _meter.CreateObservableUpDownCounter(Instruments.ActiveRuns, () => scheduler.ExecutingCount, "{run}", "Runs that execute.");
        _meter.CreateObservableUpDownCounter(
            Instruments.PendingRuns, () => Math.Max(0, backlog.Count - scheduler.ExecutingCount), "{run}", "Runs that wait to execute.");
        _meter.CreateObservableUpDownCounter(
            Instruments.ForeignRuns, () => backlog.ForeignCount, "{run}", "Runs that wait for a server that has their graph.");
    }

    /// <summary>Reports that the first attempt of a run started.</summary>
    public void RunStarted(string graphId, TimeSpan queued)
    {
        if (_queueDuration.Enabled)
        {
            _queueDuration.Record(queued.TotalSeconds, new KeyValuePair<string, object?>(Attributes.GraphId, graphId));
        }
    }

    /// <summary>Reports that a run ended that was executed.</summary>
    public void RunEnded(string graphId, RunStatus status, TimeSpan duration)
    {
        if (_duration.Enabled)
        {
            _duration.Record(
                duration.TotalSeconds,
                new KeyValuePair<string, object?>(Attributes.GraphId, graphId),
                new KeyValuePair<string, object?>(Attributes.RunStatus, status.ToWire()));
        }
    }
}

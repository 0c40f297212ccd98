using System.Diagnostics.Metrics;
using static Weft.Graphs.WeftTelemetry;

namespace Weft.Cluster;

/// <summary>The instruments of a cluster, as this server sees it.</summary>
internal sealed class ClusterMetrics
{
    private readonly TimeProvider _time;
    private readonly Meter _meter;
    private readonly Histogram<double> _calls;
    private readonly Counter<long> _events;
    private readonly Counter<long> _lost;

    public ClusterMetrics(IMeterFactory meters, TimeProvider time)
    {
        _time = time;
        _meter = meters.Create(Name);
        _calls = _meter.CreateHistogram<double>(
            Instruments.CallDuration,
            "s",
            "Time that calls of other servers took, without those that wait for something.",
            advice: new() { HistogramBucketBoundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30] });
        _events = _meter.CreateCounter<long>(
            Instruments.RelayedEvents, "{event}", "Events that were copied from other servers for readers on this one.");
        _lost = _meter.CreateCounter<long>(Instruments.LostServers, "{server}", "Servers that were declared dead.");
    }

    /// <summary>Reports the number of servers and of copied logs, each time a listener collects it.</summary>
    public void Observe(Func<int> servers, Func<int> logs)
    {
        _meter.CreateObservableUpDownCounter(Instruments.Servers, servers, "{server}", "Active servers, this one included.");
        _meter.CreateObservableUpDownCounter(
            Instruments.CopiedLogs, logs, "{log}", "Logs of runs on other servers that have readers on this one.");
    }

    /// <summary>Returns the start of a call; 0 if nobody measures calls.</summary>
    public long StartCall() => _calls.Enabled ? _time.GetTimestamp() : 0;

    public void CallEnded(long start)
    {
        if (start != 0)
        {
            _calls.Record(_time.GetElapsedTime(start).TotalSeconds);
        }
    }

    public void Relayed(long events) => _events.Add(events);

    public void ServerLost() => _lost.Add(1);
}

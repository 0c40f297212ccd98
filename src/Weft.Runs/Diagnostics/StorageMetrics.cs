using System.Diagnostics.Metrics;
using static Weft.Graphs.WeftTelemetry;

namespace Weft.Runs;

/// <summary>The instruments of a storage. A listener that throws fails no commit: its measurement is lost.</summary>
internal sealed class StorageMetrics
{
    private readonly TimeProvider _time;
    private readonly Meter _meter;
    private readonly Histogram<double> _commitDuration;
    private readonly Histogram<int> _batchSize;
    private readonly Counter<long> _unavailable;

    public StorageMetrics(IMeterFactory meters, TimeProvider time)
    {
        _time = time;
        _meter = meters.Create(Name);
        _commitDuration = _meter.CreateHistogram<double>(
            Instruments.CommitDuration,
            "s",
            "Time that transactions took, from their begin to their commit.",
            advice: new()
            {
                HistogramBucketBoundaries = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5],
            });
        _batchSize = _meter.CreateHistogram<int>(
            Instruments.CommitBatchSize,
            "{write}",
            "Writes that were committed in one transaction.",
            advice: new() { HistogramBucketBoundaries = [1, 2, 4, 8, 16, 32, 64, 128, 256] });
        _unavailable = _meter.CreateCounter<long>(
            Instruments.StorageUnavailable, "{failure}", "Reads and transactions that failed because storage could not be used.");
    }

    /// <summary>Reports how far the machine's clock is ahead of the database's, each time a listener collects it.</summary>
    public void Observe(SharedClock clock) => _meter.CreateObservableGauge(
        Instruments.ClockDifference,
        () => clock.MachineAhead.TotalSeconds,
        "s",
        "Time by which the clock of this machine is ahead of the database's, which the server follows.");

    /// <summary>Returns the moment from which a commit is measured; 0 if nobody wants to know.</summary>
    public long CommitStarted() => _commitDuration.Enabled ? _time.GetTimestamp() : 0;

    /// <summary>Reports that a transaction was committed.</summary>
    /// <param name="start">What <see cref="CommitStarted"/> returned.</param>
    /// <param name="writes">How many writes it had.</param>
    public void CommitFinished(long start, int writes)
    {
        try
        {
            if (start != 0)
            {
                _commitDuration.Record(_time.GetElapsedTime(start).TotalSeconds);
            }

            _batchSize.Record(writes);
        }
        catch
        {
            // Code of the listener.
        }
    }

    /// <summary>Reports that storage could not be used.</summary>
    public void Unavailable(StorageFault fault)
    {
        try
        {
            _unavailable.Add(1, new KeyValuePair<string, object?>(Attributes.StorageFault, NameOf(fault)));
        }
        catch
        {
            // Code of the listener.
        }
    }

    private static string NameOf(StorageFault fault) => fault switch
    {
        StorageFault.Busy => "busy",
        StorageFault.Full => "full",
        StorageFault.ReadOnly => "read_only",
        StorageFault.Failing => "failing",
        _ => "damaged",
    };
}

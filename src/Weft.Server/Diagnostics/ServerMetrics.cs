using System.Diagnostics.Metrics;
using static Weft.Graphs.WeftTelemetry;

namespace Weft.Server;

/// <summary>The instruments of streams and webhooks.</summary>
internal sealed class ServerMetrics
{
    private readonly Counter<long> _events;
    private readonly Counter<long> _webhooks;
    private readonly Histogram<double> _calls;
    private long _readers;

    public ServerMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(Name);
        _events = meter.CreateCounter<long>(Instruments.StreamEvents, "{event}", "Events that were written to streams.");
        _webhooks = meter.CreateCounter<long>(Instruments.Webhooks, "{webhook}", "Webhooks that were delivered or given up.");
        _calls = meter.CreateHistogram<double>(Instruments.WebhookCallDuration, "s", "Duration of calls of webhooks.");
        meter.CreateObservableUpDownCounter(
            Instruments.StreamReaders, () => Interlocked.Read(ref _readers), "{reader}", "Clients that read a stream.");
    }

    /// <summary>How many clients read a stream.</summary>
    public long Readers => Interlocked.Read(ref _readers);

    /// <summary>Reports that a client reads a stream.</summary>
    public void ReaderOpened() => Interlocked.Increment(ref _readers);

    /// <summary>Reports that a client does not read its stream any more.</summary>
    public void ReaderClosed() => Interlocked.Decrement(ref _readers);

    /// <summary>Reports that events were written to a stream.</summary>
    public void EventsWritten(int count) => _events.Add(count);

    /// <summary>Reports a call of a webhook.</summary>
    /// <param name="duration">How long it took.</param>
    /// <param name="error">The status of the answer, or why there was none; null if the call was accepted.</param>
    public void WebhookCalled(TimeSpan duration, string? error)
    {
        if (error is null)
        {
            _calls.Record(duration.TotalSeconds);
        }
        else
        {
            _calls.Record(duration.TotalSeconds, new KeyValuePair<string, object?>(Attributes.ErrorType, error));
        }
    }

    /// <summary>Reports that a webhook was delivered.</summary>
    public void WebhookDelivered() => _webhooks.Add(1);

    /// <summary>Reports that a webhook was given up.</summary>
    /// <param name="error">The status of the last answer, or why there was none.</param>
    public void WebhookFailed(string error) => _webhooks.Add(1, new KeyValuePair<string, object?>(Attributes.ErrorType, error));
}

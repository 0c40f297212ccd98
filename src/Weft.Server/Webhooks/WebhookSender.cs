using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Weft.Runs;

namespace Weft.Server;

/// <summary>
/// Calls the webhooks that are due. It is woken when a run has ended, and otherwise waits until the next call is due. Waits between
/// the calls of one webhook are times in the database, so they survive a restart and occupy nothing. It begins when the server listens,
/// because webhooks may be paths of it.
/// </summary>
internal sealed partial class WebhookSender : DueWorker
{
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(5);

    // The payloads of webhooks that are claimed together are in memory together, and their sizes are known only then.
    private const int ClaimMax = 8;

    // Longer than a call may take. An attempt without a result is then regarded as lost, because its server has died.
    private static readonly TimeSpan LeaseMore = TimeSpan.FromMinutes(1);

    private readonly IWebhookStore _store;
    private readonly WebhookCaller _caller;
    private readonly WebhookOptions _options;
    private readonly WebhookRetries _retries;
    private readonly ServerMetrics _metrics;
    private readonly EventFeed _feed;
    private readonly SafeLogger<WebhookSender> _logger;

    private readonly Lock _lock = new();
    private readonly Dictionary<(RunId RunId, int Attempt), (string Receiver, Task Task)> _calls = [];
    private readonly CancellationTokenSource _stop = new();
    private long _payloadBytes;

    public WebhookSender(
        IWebhookStore store,
        WebhookCaller caller,
        WebhookSignal signal,
        IOptions<WeftServerOptions> options,
        ServerMetrics metrics,
        EventFeed feed,
        SharedClock time,
        ServerIdentity server,
        SafeLogger<WebhookSender> logger)
        : base(signal, time, server)
    {
        _store = store;
        _caller = caller;
        _options = options.Value.Webhooks;
        _retries = new WebhookRetries(_options);
        _metrics = metrics;
        _feed = feed;
        _logger = logger;
    }

    /// <summary>Lets calls finish for a while. Those that are stopped are made again after the next start.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        Task calls;
        lock (_lock)
        {
            calls = Task.WhenAll(_calls.Values.Select(call => call.Task));
        }

        // That takes real time, whatever clock the server has.
        await Task.WhenAny(calls, Task.Delay(StopTimeout, TimeProvider.System, cancellationToken));
        await _stop.CancelAsync();
        await calls.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public override void Dispose()
    {
        _stop.Dispose();
        base.Dispose();
    }

    /// <summary>Starts calls that are due, as far as the limits allow.</summary>
    protected override async Task<TimeSpan?> TryHandleDueAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                var receivers = await _store.ListReceiversAsync(stoppingToken);
                var now = Time.GetUtcNow();
                var counts = FreeCalls(receivers.Where(receiver => receiver.DueAt <= now).OrderBy(receiver => receiver.DueAt));
                var claimed = counts.Count == 0
                    ? []
                    : await _store.ClaimAsync(counts, now, now + _options.Timeout + LeaseMore, stoppingToken);
                foreach (var webhook in claimed)
                {
                    Start(webhook);
                }

                if (claimed.Count == 0)
                {
                    // What has to wait for a free call, or for memory, is looked at again when a call has ended.
                    return WaitFor(receivers.Where(receiver => receiver.DueAt > now).Min(receiver => (DateTimeOffset?)receiver.DueAt));
                }
            }
        }
        catch (Exception e) when (!stoppingToken.IsCancellationRequested)
        {
            LogNotRead(e.Message, e is StorageUnavailableException ? null : e);
            return null;
        }
    }

    /// <summary>Returns how many calls of each receiver may begin together, those without any left out.</summary>
    private Dictionary<string, int> FreeCalls(IEnumerable<WebhookReceiver> due)
    {
        Dictionary<string, int> calls;
        int free;
        lock (_lock)
        {
            calls = _calls.Values.CountBy(call => call.Receiver).ToDictionary();
            free = _payloadBytes >= _options.PayloadBytesMax ? 0 : Math.Min(ClaimMax, _options.CallsMax - _calls.Count);
        }

        var counts = new Dictionary<string, int>();
        foreach (var receiver in due)
        {
            var count = Math.Min(free, _options.CallsPerReceiverMax - calls.GetValueOrDefault(receiver.Name));
            if (count > 0)
            {
                counts[receiver.Name] = count;
                free -= count;
            }
        }

        return counts;
    }

    private void Start(WebhookRecord webhook)
    {
        lock (_lock)
        {
            _payloadBytes += webhook.Payload.Length;
            _calls[(webhook.RunId, webhook.Attempts)] = (webhook.Receiver, Task.Run(() => CallAsync(webhook), CancellationToken.None));
        }
    }

    private async Task CallAsync(WebhookRecord webhook)
    {
        try
        {
            var (startedAt, start) = (Time.GetUtcNow(), Time.GetTimestamp());
            var answer = await _caller.CallAsync(webhook, _stop.Token);
            var attempt = new WebhookAttempt(
                webhook.Attempts, startedAt, Time.GetElapsedTime(start), answer.StatusCode, answer.Error);
            await RecordAsync(webhook, attempt, answer);
        }
        catch (Exception e)
        {
            LogNotRecorded(webhook.RunId, e.Message, e is StorageUnavailableException ? null : e);
        }
        finally
        {
            lock (_lock)
            {
                _payloadBytes -= webhook.Payload.Length;
                _calls.Remove((webhook.RunId, webhook.Attempts));
            }

            Wake();
        }
    }

    private async Task RecordAsync(WebhookRecord webhook, WebhookAttempt attempt, WebhookAnswer answer)
    {
        var problem = answer.Error ?? answer.StatusCode?.ToString(CultureInfo.InvariantCulture);
        _metrics.WebhookCalled(attempt.Duration, answer.IsAccepted ? null : problem);
        var next = answer.IsAccepted ? null : _retries.NextAfter(webhook, answer, Time.GetUtcNow());
        var status = answer.IsAccepted ? WebhookStatus.Delivered : next is null ? WebhookStatus.Failed : WebhookStatus.Pending;
        var isStored = await new StorageRetry(Time, _stop.Token).RepeatAsync(
            () => _store.TryRecordAsync(webhook.RunId, attempt, status, next, CancellationToken.None), waitsFirst: false);
        if (!isStored)
        {
            // Another server has begun the next attempt.
            return;
        }

        switch (status)
        {
            case WebhookStatus.Delivered:
                _metrics.WebhookDelivered();
                break;
            case WebhookStatus.Failed:
                _metrics.WebhookFailed(problem!);
                _feed.Publish(new FeedEvent(FeedEventKind.WebhookFailed, webhook.Owner, _feed.Now)
                {
                    ThreadId = webhook.ThreadId,
                    RunId = webhook.RunId,
                });
                LogGivenUp(webhook.RunId, webhook.Receiver, attempt.Number, problem!);
                break;
            default:
                LogFailed(webhook.RunId, webhook.Receiver, attempt.Number, problem!, next!.Value);
                break;
        }
    }

    [LoggerMessage(
        1,
        LogLevel.Information,
        "The webhook of run {RunId} at {Receiver} failed at attempt {Attempt} ({Problem}). The next one is at {Next}.")]
    private partial void LogFailed(RunId runId, string receiver, int attempt, string problem, DateTimeOffset next);

    [LoggerMessage(2, LogLevel.Warning, "The webhook of run {RunId} at {Receiver} was given up after attempt {Attempt} ({Problem}).")]
    private partial void LogGivenUp(RunId runId, string receiver, int attempt, string problem);

    [LoggerMessage(3, LogLevel.Error, "The result of calling the webhook of run {RunId} could not be stored; it is called again. {Reason}")]
    private partial void LogNotRecorded(RunId runId, string reason, Exception? exception);

    [LoggerMessage(4, LogLevel.Error, "The webhooks that are due could not be read; the next try follows soon. {Reason}")]
    private partial void LogNotRead(string reason, Exception? exception);
}

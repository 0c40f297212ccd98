using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Threading.Channels;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Weft.Runs;

namespace Weft.Server;

/// <summary>Calls webhooks, several at once, and each a few times if it fails. A failure is logged and does not change the run.</summary>
internal sealed partial class WebhookSender : BackgroundService
{
    /// <summary>The name under which an application configures the client that calls.</summary>
    public const string ClientName = "Weft.Webhooks";

    private const int AtOnceMax = 16;
    private static readonly TimeSpan RetryWaitMin = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(5);

    private readonly IHttpClientFactory _clients;
    private readonly IServer _server;
    private readonly WeftServerOptions _options;
    private readonly ServerMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger<WebhookSender> _logger;

    // Observers write, the loop below reads. When the queue is full, further webhooks are dropped, so that no run waits for one.
    private readonly Channel<Webhook> _queue;
    private readonly CancellationTokenSource _stopping = new();

    public WebhookSender(
        IHttpClientFactory clients,
        IServer server,
        IOptions<WeftServerOptions> options,
        ServerMetrics metrics,
        TimeProvider time,
        ILogger<WebhookSender> logger)
    {
        _clients = clients;
        _server = server;
        _options = options.Value;
        _metrics = metrics;
        _time = time;
        _logger = logger;
        _queue = Channel.CreateBounded<Webhook>(_options.QueuedWebhooksMax);
    }

    public void Send(Webhook webhook)
    {
        if (!_queue.Writer.TryWrite(webhook))
        {
            _metrics.WebhookFailed("queue_full");
            LogNotQueued(webhook.Run.RunId);
        }
    }

    /// <summary>Calls the webhooks that still wait, for a limited time and without retries.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        _queue.Writer.TryComplete();
        await _stopping.CancelAsync();
        if (ExecuteTask is { } calling)
        {
            await Task.WhenAny(calling, Task.Delay(StopTimeout, _time, cancellationToken));
        }

        await base.StopAsync(cancellationToken);
    }

    public override void Dispose()
    {
        _stopping.Dispose();
        base.Dispose();
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Parallel.ForEachAsync(
        _queue.Reader.ReadAllAsync(stoppingToken),
        new ParallelOptions { MaxDegreeOfParallelism = AtOnceMax, CancellationToken = stoppingToken },
        async (webhook, cancellationToken) => await CallAsync(webhook, cancellationToken));

    private async Task CallAsync(Webhook webhook, CancellationToken cancellationToken)
    {
        var wait = RetryWaitMin;
        for (var attempt = 1; ; attempt++, wait *= 5)
        {
            try
            {
                var status = await PostAsync(webhook, cancellationToken);
                if ((int)status < 300)
                {
                    _metrics.WebhookDelivered();
                    return;
                }

                if (attempt >= _options.WebhookAttemptsMax || !IsWorthARetry(status) || _stopping.IsCancellationRequested)
                {
                    _metrics.WebhookFailed(((int)status).ToString(CultureInfo.InvariantCulture));
                    LogRefused(webhook.Run.RunId, (int)status);
                    return;
                }
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                if (attempt >= _options.WebhookAttemptsMax || _stopping.IsCancellationRequested)
                {
                    _metrics.WebhookFailed(e.GetType().FullName!);
                    LogFailed(webhook.Run.RunId, e);
                    return;
                }
            }

            await Task.Delay(wait, _time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<HttpStatusCode> PostAsync(Webhook webhook, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(_options.WebhookTimeout, _time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        using var client = _clients.CreateClient(ClientName);
        using var content = new ByteArrayContent(webhook.Write(_time.GetUtcNow()));
        content.Headers.ContentType = new MediaTypeHeaderValue(JsonResponse.ContentType);
        using var request = new HttpRequestMessage(HttpMethod.Post, OwnAddress.Resolve(_server, webhook.Url)) { Content = content };
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop.Token);
        return response.StatusCode;
    }

    private static bool IsWorthARetry(HttpStatusCode status) =>
        (int)status >= 500 || status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests;

    [LoggerMessage(LogLevel.Warning, "The webhook of run {RunId} was not called: too many wait.")]
    private partial void LogNotQueued(RunId runId);

    [LoggerMessage(LogLevel.Warning, "The webhook of run {RunId} answered {Status}.")]
    private partial void LogRefused(RunId runId, int status);

    [LoggerMessage(LogLevel.Warning, "The webhook of run {RunId} could not be called.")]
    private partial void LogFailed(RunId runId, Exception exception);
}

using System.Globalization;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.Options;
using Weft.Runs;

namespace Weft.Server;

/// <summary>Calls a webhook once.</summary>
internal sealed class WebhookCaller
{
    private readonly IHttpClientFactory _clients;
    private readonly IServer _server;
    private readonly WebhookAddresses _addresses;
    private readonly WebhookOptions _options;
    private readonly SharedClock _time;
    private readonly byte[][] _keys;

    public WebhookCaller(
        IHttpClientFactory clients, IServer server, WebhookAddresses addresses, IOptions<WeftServerOptions> options, SharedClock time)
    {
        _clients = clients;
        _server = server;
        _addresses = addresses;
        _options = options.Value.Webhooks;
        _time = time;
        _keys = [.. _options.Secrets.Select(WebhookSignature.TryReadKey).OfType<byte[]>()];
    }

    /// <param name="webhook">The delivery.</param>
    /// <param name="stop">Stops the call, because the server stops.</param>
    public async Task<WebhookAnswer> CallAsync(WebhookRecord webhook, CancellationToken stop)
    {
        // The options may have changed since the run was created.
        if (_addresses.FindProblem(webhook.Url) is not null)
        {
            return new WebhookAnswer(null, WebhookAnswer.Refused);
        }

        using var timeout = new CancellationTokenSource(_options.Timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, timeout.Token);
        try
        {
            return await PostAsync(webhook, either.Token);
        }
        catch (Exception e)
        {
            return new WebhookAnswer(null, ErrorOf(e, stop.IsCancellationRequested, timeout.IsCancellationRequested));
        }
    }

    private async Task<WebhookAnswer> PostAsync(WebhookRecord webhook, CancellationToken cancellationToken)
    {
        var isOwn = WebhookAddresses.IsOwn(webhook.Url);
        using var client = _clients.CreateClient(isOwn ? WebhookConnections.OwnClientName : WebhookConnections.ClientName);
        using var request = RequestOf(webhook, isOwn ? OwnAddress.Resolve(_server, webhook.Url) : new Uri(webhook.Url));
        // The body of the answer is not read.
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        return new WebhookAnswer((int)response.StatusCode, null) { RetryAfter = RetryAfterOf(response) };
    }

    private HttpRequestMessage RequestOf(WebhookRecord webhook, Uri address)
    {
        var now = _time.GetUtcNow();
        var (id, timestamp) = (webhook.RunId.ToString(), now.ToUnixTimeSeconds());
        var body = WebhookPayloads.At(webhook.Payload.Span, now);
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue(JsonResponse.ContentType);
        var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = content };
        request.Headers.Add("webhook-id", id);
        request.Headers.Add("webhook-timestamp", timestamp.ToString(CultureInfo.InvariantCulture));
        if (_keys.Length > 0)
        {
            request.Headers.Add("webhook-signature", WebhookSignature.Of(_keys, id, timestamp, body));
        }

        return request;
    }

    private TimeSpan? RetryAfterOf(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => date - _time.GetUtcNow(),
        _ => null,
    };

    /// <summary>Returns a word for a failure. Its text may contain what clients must not see.</summary>
    private static string ErrorOf(Exception exception, bool isStopped, bool isTimeout) =>
        isStopped ? WebhookAnswer.Stopped
        : isTimeout ? "timeout"
        : exception is not HttpRequestException failure ? "failed"
        : failure.InnerException is WebhookRefusedException ? WebhookAnswer.Refused
        : failure.HttpRequestError switch
        {
            HttpRequestError.NameResolutionError => "name_not_resolved",
            HttpRequestError.ConnectionError when failure.InnerException is System.Net.Sockets.SocketException
            {
                SocketErrorCode: System.Net.Sockets.SocketError.HostNotFound or System.Net.Sockets.SocketError.TryAgain
                    or System.Net.Sockets.SocketError.NoData,
            } => "name_not_resolved",
            HttpRequestError.ConnectionError => "not_connected",
            HttpRequestError.SecureConnectionError => "not_secure",
            _ => "no_answer",
        };
}

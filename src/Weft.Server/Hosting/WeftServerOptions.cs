using Microsoft.AspNetCore.Http;

namespace Weft.Server;

/// <summary>How the HTTP API behaves.</summary>
public sealed class WeftServerOptions
{
    /// <summary>The largest request body in bytes; a larger one is refused with 413. Default: 4 MB.</summary>
    public long RequestBodyBytesMax { get; set; } = 4_000_000;

    /// <summary>How long a client may take to send a request body; a slower one is refused with 408. Default: 2 minutes.</summary>
    public TimeSpan RequestBodyTimeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>The longest page that a search or list returns. Default: 1,000.</summary>
    public int PageSizeMax { get; set; } = 1_000;

    /// <summary>The most runs that one request to <c>/runs/batch</c> creates. Default: 1,000.</summary>
    public int BatchRunsMax { get; set; } = 1_000;

    /// <summary>How long a stream may be silent before a heartbeat is sent. Default: 5 seconds (protocol, section A10).</summary>
    public TimeSpan HeartbeatInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Whether streams at the root end with the event <c>end</c>. Off for clients that expect the silent close of older servers. Default: true.</summary>
    public bool SendEndEvent { get; set; } = true;

    /// <summary>How often a webhook is called before it is given up, when nobody answers or the answer says to try again. Default: 3.</summary>
    public int WebhookAttemptsMax { get; set; } = 3;

    /// <summary>How long a webhook may take to answer. Default: 10 seconds.</summary>
    public TimeSpan WebhookTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How many webhooks wait to be called; a further one is not called, and logged. Default: 1,000.</summary>
    public int QueuedWebhooksMax { get; set; } = 1_000;

    /// <summary>
    /// The origins whose pages may call the API, such as <c>https://app.example</c> or <c>https://*.app.example</c>; <c>*</c> allows
    /// any. A call that changes something and comes from a page of another origin is refused with 403. Empty means pages that
    /// this machine serves (<c>http://localhost:3000</c>). Pages of the server itself always may. Default: empty.
    /// </summary>
    public IList<string> CorsOrigins { get; } = [];

    /// <summary>
    /// The host names under which anonymous callers may reach the API, in addition to <c>localhost</c> and IP addresses, such as
    /// <c>agents.internal</c> or <c>*.internal</c>; <c>*</c> allows any. A call of another host is refused with 400. It is not
    /// checked where a caller is authenticated or has to be, nor where the application's own <c>AllowedHosts</c> names hosts.
    /// Default: empty.
    /// </summary>
    public IList<string> AllowedHosts { get; } = [];

    /// <summary>
    /// Whom a call acts for; null or empty means nobody in particular. Default: the name identifier, else the name, of an
    /// authenticated <see cref="HttpContext.User"/>.
    /// </summary>
    public Func<HttpContext, string?>? ActorOf { get; set; }

    /// <summary>Which headers of a request the nodes of its run see in <c>configurable</c>. They are not shown to clients.</summary>
    public ConfigurableHeaders ConfigurableHeaders { get; } = new();

    /// <summary>
    /// Whether the API is also served below <c>/api</c>, <c>/api/langgraph</c> and <c>/api/langgraph-compat</c>, where
    /// <c>/api/threads</c> follows the rules of the older gateway. Default: true.
    /// </summary>
    public bool ServesGateway { get; set; } = true;
}

using Microsoft.AspNetCore.Http;

namespace Weft.Server;

/// <summary>How the HTTP API behaves.</summary>
public sealed class WeftServerOptions
{
    /// <summary>The largest request body in bytes; a larger one is refused with 413. Default: 4 MB.</summary>
    public long RequestBodyBytesMax { get; set; } = 4_000_000;

    /// <summary>How long a client may take to send a request body; a slower one is refused with 408. Default: 2 minutes.</summary>
    public TimeSpan RequestBodyTimeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>
    /// The longest page that a search or list returns, and the most ids of threads or runs that a request may have. Default: 1,000.
    /// </summary>
    public int PageSizeMax { get; set; } = 1_000;

    /// <summary>The most runs that one request to <c>/runs/batch</c> creates. Default: 1,000.</summary>
    public int BatchRunsMax { get; set; } = 1_000;

    /// <summary>
    /// The most event streams and WebSockets that an actor may have open; a further one is refused with 429. Anonymous callers with the
    /// same remote address are counted together. Null means no limit, because an actor may be a program that serves many people.
    /// Default: null.
    /// </summary>
    public int? StreamsPerActorMax { get; set; }

    /// <summary>
    /// The most requests, and commands of WebSockets, that an actor may send in a minute, on average; a further one is refused with 429.
    /// Anonymous callers with the same remote address are counted together. <c>/ok</c> and <c>/info</c> are not counted. Null means no
    /// limit. Default: null.
    /// </summary>
    public int? RequestsPerMinuteMax { get; set; }

    /// <summary>
    /// The most requests that an actor may send at once after a pause, if <see cref="RequestsPerMinuteMax"/> is set. Default: 100.
    /// </summary>
    public int RequestBurstMax { get; set; } = 100;

    /// <summary>How long a stream may be silent before a heartbeat is sent. Default: 5 seconds (docs/protocol/streaming.md A10).</summary>
    public TimeSpan HeartbeatInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long a WebSocket client may leave a ping unanswered before its connection is closed. A client that does not read leaves
    /// pings unanswered too. Default: 2 minutes.
    /// </summary>
    public TimeSpan SocketTimeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>The most subscriptions of a WebSocket. Default: 100.</summary>
    public int SocketSubscriptionsMax { get; set; } = 100;

    /// <summary>The most namespaces, and the most custom channels, of a stream or a subscription. Default: 100.</summary>
    public int FilterNamespacesMax { get; set; } = 100;

    /// <summary>
    /// Whether streams at the root end with the event <c>end</c>. Set it to false for clients that expect a stream to end without
    /// one, as on older servers. Default: true.
    /// </summary>
    public bool SendEndEvent { get; set; } = true;

    /// <summary>How webhooks are called when runs end.</summary>
    public WebhookOptions Webhooks { get; } = new();

    /// <summary>
    /// How long the model may take to make suggestions (<c>POST /api/threads/{thread_id}/suggestions</c>); then there are none.
    /// Default: 30 seconds.
    /// </summary>
    public TimeSpan SuggestionTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How many characters of a conversation the model gets to make suggestions, counted from the end. Default: 20,000.
    /// </summary>
    public int SuggestionCharactersMax { get; set; } = 20_000;

    /// <summary>How many suggestions the models make at once; further requests are answered with 429. Default: 16.</summary>
    public int SuggestionsMax { get; set; } = 16;

    /// <summary>
    /// How many suggestions the models make at once for an actor, or for an address without one; further requests are answered with
    /// 429. Default: 4.
    /// </summary>
    public int SuggestionsPerActorMax { get; set; } = 4;

    /// <summary>
    /// The key with which the <c>IChatClient</c> is registered that writes the titles of threads when their first run has succeeded;
    /// an empty text means the one without a key. Null means that no model is asked: the title is then the first words of the user.
    /// Default: null.
    /// </summary>
    public string? TitleModel { get; set; }

    /// <summary>How long the model may take to write a title; then the thread gets none of it. Default: 30 seconds.</summary>
    public TimeSpan TitleTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How many titles the model writes at once. Threads beyond that get none of it. Default: 16.</summary>
    public int TitlesMax { get; set; } = 16;

    /// <summary>The most keys for feedback that a request for a run may have. Default: 100.</summary>
    public int FeedbackKeysMax { get; set; } = 100;

    /// <summary>
    /// The address by which clients reach this server, such as <c>https://agents.example</c>, with what a proxy puts before its
    /// paths. URLs for feedback begin with it. Null means the scheme and the host of each request. Default: null.
    /// </summary>
    public string? PublicUrl { get; set; }

    /// <summary>
    /// The origins whose pages may call the API, such as <c>https://app.example</c> or <c>https://*.app.example</c>; <c>*</c> allows
    /// any. A call of another page that changes something is refused with 403. Empty means pages from the same machine
    /// (<c>http://localhost:3000</c>). Pages of the server's own origin may always call. Default: empty.
    /// </summary>
    public IList<string> CorsOrigins { get; } = [];

    /// <summary>
    /// The host names that anonymous callers may use, in addition to <c>localhost</c> and IP addresses, such as
    /// <c>agents.internal</c> or <c>*.internal</c>; <c>*</c> allows any. Another host name is refused with 400. The check does not
    /// apply to authenticated callers, to endpoints that require authorization, or if the application's own <c>AllowedHosts</c>
    /// lists hosts. Default: empty.
    /// </summary>
    public IList<string> AllowedHosts { get; } = [];

    /// <summary>
    /// Returns the actor of a call, who owns what it creates; null or empty means anonymous. Default: the name identifier, else the
    /// name, of an authenticated <see cref="HttpContext.User"/>.
    /// </summary>
    public Func<HttpContext, string?>? ActorOf { get; set; }

    /// <summary>Which headers of a request the nodes of its run see in <c>configurable</c>. They are not shown to clients.</summary>
    public ConfigurableHeaders ConfigurableHeaders { get; } = new();

    /// <summary>
    /// Whether the API is also served below <c>/api</c>, <c>/api/langgraph</c> and <c>/api/langgraph-compat</c>, where
    /// <c>/api/threads</c> follows the rules of the older gateway. Default: true.
    /// </summary>
    public bool ServesGateway { get; set; } = true;

    /// <summary>
    /// Whether assistants are also served as models of OpenAI's API, at <c>/v1/models</c>, <c>/v1/chat/completions</c> and
    /// <c>/v1/responses</c>. Default: true.
    /// </summary>
    public bool ServesOpenAi { get; set; } = true;

    /// <summary>Whether assistants are also served as tools of the Model Context Protocol, at <c>/mcp</c>. Default: true.</summary>
    public bool ServesMcp { get; set; } = true;

    /// <summary>
    /// Whether assistants are also served as agents of the Agent2Agent protocol, at <c>/a2a/{assistant_id}</c> and
    /// <c>/.well-known/agent-card.json</c>. Default: true.
    /// </summary>
    public bool ServesA2a { get; set; } = true;
}

using System.Text.Json;
using Weft.Graphs;

namespace Weft.RemoteGraphs;

/// <summary>How a <see cref="RemoteGraph"/> calls its server.</summary>
public sealed class RemoteGraphOptions
{
    /// <summary>The key that is sent as <c>x-api-key</c>; null sends none. Default: null.</summary>
    public string? ApiKey { get; set; }

    /// <summary>Further headers of each request.</summary>
    public IDictionary<string, string> Headers { get; } = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// Changes each request before it is sent, for example to add a token of the user for whom the run acts
    /// (<see cref="NodeContext.Actor"/>).
    /// </summary>
    public Func<NodeContext, HttpRequestMessage, CancellationToken, ValueTask>? ConfigureRequest { get; set; }

    /// <summary>
    /// The client that sends the requests. Its <see cref="HttpClient.Timeout"/> must be infinite, because streams are long. Default:
    /// one that all remote graphs share.
    /// </summary>
    public HttpClient? Client { get; set; }

    /// <summary>
    /// Returns the id of the remote thread, a UUID; the same each time the node runs for the same work. Default: an id that belongs
    /// to the thread and the node, so that the remote graph remembers the conversation. A node that a <see cref="Send"/> starts has a
    /// thread for each task.
    /// </summary>
    public Func<NodeContext, Guid>? ThreadId { get; set; }

    /// <summary>Returns the input of the remote run, a JSON object. Default: the state, or the input of a <see cref="Send"/>.</summary>
    public Func<NodeContext, JsonElement>? Input { get; set; }

    /// <summary>
    /// Returns the result of the node from the remote state, a JSON object. Default: the values of all channels that both graphs
    /// have, through the reducers of this graph.
    /// </summary>
    public Func<NodeContext, JsonElement, NodeResult>? Output { get; set; }

    /// <summary>
    /// Returns the <c>config</c> of the remote run, such as <c>{"configurable":{"model":"small"}}</c>; null means none. The
    /// configuration of this run is not sent by itself, because it may contain secrets. Default: null.
    /// </summary>
    public Func<NodeContext, JsonElement?>? Config { get; set; }

    /// <summary>Returns the static context of the remote run; null means none. Default: null.</summary>
    public Func<NodeContext, JsonElement?>? Context { get; set; }

    /// <summary>How long the server may take to answer a request. Default: 30 seconds.</summary>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long a run that is cancelled waits until the server has confirmed the cancel of the remote run. After that the request is
    /// given up. Default: 3 seconds.
    /// </summary>
    public TimeSpan CancelTimeout { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>
    /// How long a stream may be silent before the connection is regarded as broken. Servers send heartbeats. Default: 1 minute.
    /// </summary>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// How long the server may be unreachable before the node fails. Until then the stream is joined again where it broke. Default:
    /// 1 minute.
    /// </summary>
    public TimeSpan ReconnectTimeout { get; set; } = TimeSpan.FromMinutes(1);
}

using System.Text.Json;
using Weft.Graphs;

namespace Weft.RemoteGraphs;

/// <summary>
/// A graph that another agent server runs: Weft, or any server of LangGraph's API. It can be a node of a graph. Its stream becomes
/// part of the stream of the run, and its questions pause the run.
/// </summary>
/// <remarks>
/// The remote run survives this server: a node that runs again, because the run was resumed or the server was restarted, continues
/// with the run that it has started. If the run of the node is cancelled, the remote run is cancelled too.
/// </remarks>
public sealed class RemoteGraph
{
    private readonly RemoteApi _api;
    private readonly string _assistantId;
    private readonly RemoteGraphOptions _options;

    /// <summary>Creates a remote graph.</summary>
    /// <param name="address">The address of the server, such as <c>https://agents.example</c>. It may have a path.</param>
    /// <param name="assistantId">The id of the assistant, or of its graph.</param>
    /// <param name="options">How to call the server.</param>
    public RemoteGraph(Uri address, string assistantId, RemoteGraphOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentException.ThrowIfNullOrEmpty(assistantId);
        _options = options ?? new RemoteGraphOptions();
        _api = new RemoteApi(address, _options);
        _assistantId = assistantId;
    }

    /// <summary>Runs the graph inside a node, and returns what it has written for the channels of the node's graph.</summary>
    /// <exception cref="GraphInterruptException">The remote graph asks a question that has no answer yet. Let it pass.</exception>
    /// <exception cref="RemoteGraphException">The server can't be reached or refuses, or the remote run failed.</exception>
    public async Task<NodeResult> RunAsync(NodeContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        var threadId = _options.ThreadId?.Invoke(context) ?? RemoteThreadId.Of(context, _assistantId);
        var call = new RemoteCall(_api.For(context, threadId), new RemoteRequest(context, _assistantId, _options), context, _options);
        var values = await call.RunAsync(cancellationToken);
        if (_options.Output is { } output)
        {
            return output(context, values);
        }

        return values.ValueKind == JsonValueKind.Object ? StateUpdate.FromJson(context.Values.Schema, values) : StateUpdate.None;
    }
}

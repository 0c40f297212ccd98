using System.Text.Json;
using Weft.Graphs.Tests.Streaming;

namespace Weft.Graphs.Tests;

/// <summary>A thread of a graph in memory: its runs, what they streamed, and its state.</summary>
internal sealed class ThreadUnderTest(CompiledGraph graph)
{
    private readonly List<StreamPart> _sent = [];

    public CompiledGraph Graph { get; init; } = graph;

    public ICheckpointer Checkpointer { get; init; } = new InMemoryCheckpointer();

    public GraphRunOptions Options { get; set; } = new()
    {
        Modes = StreamMode.Values | StreamMode.Updates | StreamMode.MessagesTuple | StreamMode.Custom,
    };

    /// <summary>What the last run streamed.</summary>
    public IReadOnlyList<(StreamMode Mode, string Json)> Parts => [.. _sent.Select(part => (part.Mode, part.JsonOf()))];

    /// <summary>The same as events of the wire.</summary>
    public IEnumerable<(string Event, JsonElement Data)> Events =>
        _sent.Select(part => (part.EventOf(), JsonElement.Parse(part.JsonOf())));

    /// <summary>The namespaces of the parts, one for each.</summary>
    public IReadOnlyList<string> Namespaces => [.. _sent.Select(part => part.Namespace)];

    public IEnumerable<string> Lines => Parts.Select(part => $"{part.Mode}: {part.Json}");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static GraphInput Json(string json) => GraphInput.FromJson(JsonElement.Parse(json));

    public static Command Answer(string json) => new() { Resume = JsonElement.Parse(json) };

    public IEnumerable<string> Of(StreamMode mode) => Parts.Where(part => part.Mode == mode).Select(part => part.Json);

    public Task<GraphRunResult> RunAsync(string input = "{}") => RunAsync(Json(input));

    public Task<GraphRunResult> ContinueAsync() => RunAsync(GraphInput.Continue);

    public Task<GraphRunResult> ResumeAsync(string json) => RunAsync(Answer(json));

    public Task<GraphRunResult> RunAsync(GraphInput input, CancellationToken? cancellationToken = null)
    {
        _sent.Clear();
        return Graph.RunAsync(input, Options with { Checkpointer = Checkpointer, Sink = new PartsSink(_sent) }, cancellationToken ?? Stop);
    }

    public Task<Checkpoint> UpdateAsync(string? values, string? asNode = null, string? checkpointId = null) => Graph.UpdateStateAsync(
        Options with { Checkpointer = Checkpointer, CheckpointId = checkpointId },
        values is null ? null : JsonElement.Parse(values),
        asNode,
        Stop);

    public async Task<StateSnapshot> StateAsync(string? checkpointId = null) =>
        (await Graph.GetStateAsync(Checkpointer, checkpointId, cancellationToken: Stop)).ShouldNotBeNull();

    /// <summary>The states, newest first.</summary>
    public async Task<IReadOnlyList<StateSnapshot>> HistoryAsync(string checkpointNamespace = "")
    {
        var history = new List<StateSnapshot>();
        await foreach (var state in Graph.GetHistoryAsync(Checkpointer, null, checkpointNamespace, Stop))
        {
            history.Add(state);
        }

        return history;
    }

    private sealed class PartsSink(List<StreamPart> sent) : IStreamSink
    {
        public void Emit(StreamPart part) => sent.Add(part);
    }
}

using System.Text;
using System.Text.Json;

namespace Weft.Graphs.Tests.Execution;

/// <summary>JSON may nest up to a limit, the same wherever a node gives it away and whoever listens.</summary>
public sealed class DepthTests
{
    private static readonly LastValueChannel<JsonElement> Any = Channel.LastValue<JsonElement>("any");
    private static readonly ListChannel<JsonElement> Items = Channel.List<JsonElement>("items");

    [Theory]
    [InlineData(GraphJson.ValueDepthMax, true)]
    [InlineData(GraphJson.ValueDepthMax + 1, false)]
    [InlineData(2_000, false)]
    public async Task A_value_of_a_channel_may_nest_so_deep(int depth, bool isTaken)
    {
        foreach (var mode in (StreamMode[])[StreamMode.None, StreamMode.Events | StreamMode.Values])
        {
            await RunAsync(isTaken, mode, _ => new StateUpdate().Set(Any, Nested(depth)));
            await RunAsync(isTaken, mode, _ => new StateUpdate().Add(Items, Nested(depth)));
        }

        await RunAsync(isTaken, StreamMode.Custom, context =>
        {
            context.Write(Nested(depth));
            return StateUpdate.None;
        });
    }

    private static async Task RunAsync(bool isTaken, StreamMode mode, Func<NodeContext, NodeResult> node)
    {
        var graph = new StateGraph()
            .AddChannels(Any, Items)
            .AddNode("n", node)
            .AddEdge(StateGraph.Start, "n")
            .AddEdge("n", StateGraph.End)
            .Compile();
        var options = new GraphRunOptions { Checkpointer = new InMemoryCheckpointer(), Modes = mode, Sink = new Encoder() };
        var run = graph.RunAsync(StateUpdate.None, options, TestContext.Current.CancellationToken);
        if (isTaken)
        {
            await run;
        }
        else
        {
            (await Should.ThrowAsync<GraphException>(run))
                .Message.ShouldContain($"must not nest deeper than {GraphJson.ValueDepthMax} levels");
        }
    }

    private static JsonElement Nested(int depth) =>
        JsonDocument.Parse(
            new StringBuilder().Insert(0, "[", depth).Append(']', depth).ToString(),
            new JsonDocumentOptions { MaxDepth = depth }).RootElement;

    /// <summary>Encodes what it is given, as a client's stream does.</summary>
    private sealed class Encoder : IStreamSink
    {
        public void Emit(StreamPart part) => part.EncodeValues();
    }
}

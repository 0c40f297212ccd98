using System.Text.Json.Serialization;
using Weft.Graphs;

namespace Weft.ConformanceHost.Graphs;

/// <summary>
/// Graphs three deep. Each level gives its whole list back, so that entries repeat. Each node waits <c>pace_ms</c> milliseconds
/// of the run's configuration.
/// </summary>
internal static class NestedFixture
{
    private static readonly ListChannel<string> Messages = Channel.List<string>("messages", absentAtFirst: true);

    public static CompiledGraph Create()
    {
        var child = New(Channel.LastValue<Child>("child")).AddNode("c_one", EnterAsync).AddNode("c_two", EnterAsync);
        var parent = New(Channel.LastValue<Parent>("parent")).AddNode("p_one", EnterAsync).AddNode("p_two", Line(child, "c_one", "c_two"));
        var root = New().AddNode("gp_one", EnterAsync).AddNode("gp_two", Line(parent, "p_one", "p_two"));
        return Line(root, "gp_one", "gp_two");
    }

    private static StateGraph New(params StateChannel[] more) => new StateGraph().AddChannel(Messages).AddChannels(more);

    private static async Task<NodeResult> EnterAsync(NodeContext context, CancellationToken cancellationToken)
    {
        await Pace.WaitAsync(context, cancellationToken);
        return new StateUpdate().Add(Messages, $"Entered {context.Node} node");
    }

    private static CompiledGraph Line(StateGraph graph, string first, string second) =>
        graph.AddEdge(StateGraph.Start, first).AddEdge(first, second).AddEdge(second, StateGraph.End).Compile();

    [JsonConverter(typeof(JsonStringEnumConverter<Parent>))]
    private enum Parent
    {
        [JsonStringEnumMemberName("parent_one")]
        One,

        [JsonStringEnumMemberName("parent_two")]
        Two,
    }

    [JsonConverter(typeof(JsonStringEnumConverter<Child>))]
    private enum Child
    {
        [JsonStringEnumMemberName("child_one")]
        One,

        [JsonStringEnumMemberName("child_two")]
        Two,
    }
}

using System.Text.Json;

namespace Weft.Graphs.Tests;

/// <summary>Channels and nodes that many tests use.</summary>
internal static class TestGraphs
{
    public static LastValueChannel<string> Name { get; } = Channel.LastValue<string>("name");

    public static ReducerChannel<int> Count { get; } = Channel.Reducer("count", 0, (sum, more) => sum + more);

    public static ListChannel<string> Trail { get; } = Channel.List<string>("trail");

    public static MessagesChannel Chat { get; } = Channel.Messages();

    public static StateGraph New(params string[] visited)
    {
        var graph = new StateGraph().AddChannels(Name, Count, Trail, Chat);
        foreach (var name in visited)
        {
            graph.AddNode(name, Visit(name));
        }

        return graph;
    }

    /// <summary>One node after another.</summary>
    public static StateGraph Chain(this StateGraph graph, params string[] names)
    {
        string[] stops = [StateGraph.Start, .. names];
        for (var i = 1; i < stops.Length; i++)
        {
            graph.AddEdge(stops[i - 1], stops[i]);
        }

        return graph;
    }

    public static CompiledGraph Line(params string[] names) => New(names).Chain(names).Compile();

    public static Func<NodeContext, NodeResult> Visit(string name) => _ => new StateUpdate().Add(Trail, name);

    /// <summary>A node that asks one question after another and notes the answers.</summary>
    public static Func<NodeContext, NodeResult> Ask(string name, params string[] questions) => context =>
    {
        var answers = questions.Select(question => context.Interrupt(question).ToString()).ToList();
        return new StateUpdate().Add(Trail, $"{name}:{string.Join(',', answers)}");
    };

    public static string[] TrailOf(this GraphRunResult result) => [.. result.Values.Get(Trail)!];

    public static string[] TrailOf(this StateSnapshot state) => [.. state.Checkpoint.Values.Get(Trail)!];

    public static JsonElement Element(string json) => JsonElement.Parse(json);
}

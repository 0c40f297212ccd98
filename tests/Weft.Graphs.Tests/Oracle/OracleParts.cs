using System.Text.Json;

namespace Weft.Graphs.Tests.Oracle;

/// <summary>What the graphs are made of: <c>tests/oracle/parts.mjs</c> once more.</summary>
internal static class OracleParts
{
    public static LastValueChannel<string> Name { get; } = Channel.LastValue<string>("name");

    public static ReducerChannel<int> Count { get; } = Channel.Reducer("count", 0, (sum, more) => sum + more);

    public static ListChannel<string> Trail { get; } = Channel.List<string>("trail");

    public static MessagesChannel Chat { get; } = Channel.Messages();

    public static StateGraph State(params string[] visited)
    {
        var graph = new StateGraph().AddChannels(Name, Count, Trail);
        foreach (var name in visited)
        {
            graph.AddNode(name, Visit(name));
        }

        return graph;
    }

    public static Func<NodeContext, NodeResult> Visit(string name) => _ => new StateUpdate().Add(Trail, name);

    public static Func<NodeContext, NodeResult> Ask(string name, params string[] questions) => context =>
    {
        var answers = questions.Select(question => context.Interrupt(JsonElement.Parse(question)).ToString()).ToList();
        return new StateUpdate().Add(Trail, $"{name}:{string.Join(',', answers)}");
    };

    public static StateGraph Line(params string[] names)
    {
        var graph = State(names);
        string[] stops = [StateGraph.Start, .. names, StateGraph.End];
        for (var i = 1; i < stops.Length; i++)
        {
            graph.AddEdge(stops[i - 1], stops[i]);
        }

        return graph;
    }

    public static StateGraph ChatState() => new StateGraph().AddChannel(Chat);

    public static StateGraph Visits(this StateGraph graph, params string[] names)
    {
        foreach (var name in names)
        {
            graph.AddNode(name, Visit(name));
        }

        return graph;
    }

    /// <summary>Says its words one by one, under one id.</summary>
    public static Func<NodeContext, NodeResult> Say(string id, params string[] words) => context =>
    {
        foreach (var word in words)
        {
            context.Messages.Emit(id, GraphJson.Encode((id, word), static (writer, s) =>
            {
                writer.WriteStartObject();
                writer.WriteString("type", "AIMessageChunk");
                writer.WriteString("id", s.id);
                writer.WriteString("content", s.word);
                writer.WriteEndObject();
            }));
        }

        return new StateUpdate().Add(Chat, Message.Ai(string.Concat(words), id));
    };

    public static StateUpdate NoteIn(string text) => new StateUpdate().Add(Trail, text);

    public static Send ItemFor(string node, int item) => Send.Of(node, JsonElement.Parse($$"""{"item":{{item}}}"""));

    public static int ItemOf(NodeContext context) => context.Input!.Value.GetProperty("item").GetInt32();
}

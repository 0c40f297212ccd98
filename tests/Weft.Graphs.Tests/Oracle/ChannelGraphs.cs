using System.Text.Json;
using static Weft.Graphs.Tests.Oracle.OracleParts;

namespace Weft.Graphs.Tests.Oracle;

/// <summary>The graphs of <c>tests/oracle/scenarios/channels.mjs</c>.</summary>
internal static class ChannelGraphs
{
    private static readonly ReducerChannel<int> Odd = Channel.Reducer<int>(
        "odd", 0, (_, _) => throw new InvalidOperationException("cannot add"));

    public static OracleGraph Build(string scenario) => scenario switch
    {
        "topic" => Passing(Channel.Topic<string>("box"), ["a"], ["b", "c"], null, null),
        "topic_accumulating" => Passing(Channel.Topic<string>("box", accumulates: true), ["a"], ["b"], null),
        "topic_in_parallel" => Parallel(Channel.Topic<string>("box"), ["a"], ["b"]),
        "ephemeral" => Passing(Channel.Ephemeral<string>("box"), "a", null, "c"),
        "ephemeral_in_parallel" => Parallel(Channel.Ephemeral<string>("box"), "a", "b"),
        "ephemeral_unguarded" => Parallel(Channel.Ephemeral<string>("box", takesSeveral: true), "a", "b"),
        "any_value" => Passing(Channel.AnyValue<string>("box"), "a", null, "c"),
        "any_value_in_parallel" => Parallel(Channel.AnyValue<string>("box"), "a", "b"),
        "untracked" => Passing(Channel.Untracked<string>("box"), "a", null, null),
        "untracked_in_parallel" => Parallel(Channel.Untracked<string>("box"), "a", "b"),
        "overwrite" => State("one")
            .AddNode("replace", _ => new StateUpdate().Overwrite(Trail, ["new"]).Set(Count, 5))
            .Visits("three")
            .Chain("one", "replace", "three")
            .Compile(),
        "overwrite_by_input" => Line("one").Compile(),
        "overwrite_in_parallel" =>
            Together(State("a").AddNode("b", _ => new StateUpdate().Overwrite(Trail, ["b"])).Visits("c"), "a", "b", "c"),
        "overwrite_twice" => Together(
            State()
                .AddNode("a", _ => new StateUpdate().Overwrite(Trail, ["a"]))
                .AddNode("b", _ => new StateUpdate().Overwrite(Trail, ["b"])),
            "a",
            "b"),
        "messages_removed" => ChatState()
            .AddNode("replace", _ => new StateUpdate().Add(Chat, Message.Ai("replaced", "h1"), Message.Ai("new", "a1")))
            .AddNode("remove", _ => new StateUpdate().Add(Chat, Message.Remove("h1")))
            .AddNode(
                "clear",
                _ => new StateUpdate()
                    .Add(Chat, Message.Human("lost", "lost"), Message.Remove("__remove_all__"), Message.Human("kept", "kept")))
            .AddNode("unknown", _ => new StateUpdate().Add(Chat, Message.Remove("nobody")))
            .Chain("replace", "remove", "clear", "unknown").Compile(),
        "messages_as_objects" or "messages_edited" =>
            ChatState().AddNode("say", _ => new StateUpdate().Add(Chat, Message.Ai("hello", "a1"))).Chain("say").Compile(),
        "reducer_fails" => State("one").AddChannel(Odd).AddNode("two", _ => new StateUpdate().Set(Odd, 1)).Chain("one", "two").Compile(),
        "sends_and_last_value" => State().AddNode("work", context => new StateUpdate().Set(Name, $"{ItemOf(context)}"))
            .AddConditionalEdges(StateGraph.Start, _ => [ItemFor("work", 1), ItemFor("work", 2)], ["work"]).Compile(),
        _ => throw new InvalidOperationException($"Build the graph of '{scenario}' here, as channels.mjs does."),
    };

    /// <summary>Nodes that note what they see in the channel before they write it.</summary>
    private static CompiledGraph Passing<TValue, TWrite>(StateChannel<TValue, TWrite> box, params TWrite?[] writes)
    {
        var graph = State().AddChannel(box);
        string[] names = [.. writes.Select((_, i) => $"n{i + 1}")];
        foreach (var (name, write) in names.Zip(writes))
        {
            graph.AddNode(name, context =>
            {
                var update = NoteIn($"{name} sees {Seen(context, box)}");
                return write is null ? update : update.Set(box, write);
            });
        }

        return graph.Chain(names).Compile();
    }

    private static CompiledGraph Parallel<TValue, TWrite>(StateChannel<TValue, TWrite> box, params TWrite[] writes)
    {
        var graph = State().AddChannel(box);
        string[] names = [.. writes.Select((_, i) => $"n{i + 1}")];
        foreach (var (name, write) in names.Zip(writes))
        {
            graph.AddNode(name, _ => new StateUpdate().Set(box, write)).AddEdge(StateGraph.Start, name);
        }

        return graph.AddNode("after", context => NoteIn($"sees {Seen(context, box)}")).AddEdge(names, "after").Compile();
    }

    private static string Seen<TValue, TWrite>(NodeContext context, StateChannel<TValue, TWrite> box) =>
        context.Has(box) ? JsonSerializer.Serialize(context.Get(box)) : "null";

    private static CompiledGraph Together(StateGraph graph, params string[] names) =>
        names.Aggregate(graph, (graph, name) => graph.AddEdge(StateGraph.Start, name)).Compile();
}

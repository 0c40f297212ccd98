using static Weft.Graphs.Tests.Oracle.OracleParts;

namespace Weft.Graphs.Tests.Oracle;

/// <summary>The graphs of <c>tests/oracle/scenarios/interrupts.mjs</c>.</summary>
internal static class InterruptGraphs
{
    public static OracleGraph Build(string scenario) => scenario switch
    {
        "before_every_node" or "after_every_node" => Line("one", "two").Compile(),
        "after_list" => Line("one", "two", "three").Compile(),
        "before_one_of_parallel" => State("a", "b", "join")
            .AddEdge(StateGraph.Start, "a")
            .AddEdge(StateGraph.Start, "b")
            .AddEdge(["a", "b"], "join")
            .Compile(),
        "three_pending" => AskingTogether("a", "b", "c"),
        "several_pending_one_value" => AskingTogether("a", "b"),
        "answered_by_list" => State().AddNode("ask", Ask("ask", "\"one?\"", "\"two?\"")).Chain("ask").Compile(),
        "false_and_null_answers" => State().AddNode("ask", Ask("ask", "\"one?\"", "\"two?\"", "\"three?\"")).Chain("ask").Compile(),
        "sends_ask" => State()
            .AddNode("work", context => NoteIn($"{ItemOf(context)}:{context.Interrupt($"{ItemOf(context)}?")}"))
            .Visits("gather")
            .AddConditionalEdges(StateGraph.Start, _ => [ItemFor("work", 1), ItemFor("work", 2)], ["work"])
            .AddEdge("work", "gather")
            .Compile(),
        "ask_in_loop" => State().AddNode("ask", context => NoteIn(context.Interrupt("more?").GetString()!).Set(Count, 1))
            .AddEdge(StateGraph.Start, "ask")
            .AddConditionalEdges("ask", context => context.Get(Count) < 2 ? "ask" : StateGraph.End, ["ask", StateGraph.End])
            .Compile(),
        "ask_then_route" => State()
            .AddNode(
                "ask",
                context => new Command { Goto = [context.Interrupt("where?").GetString()!] },
                new NodeOptions { Destinations = ["left", "right"] })
            .Visits("left", "right").AddEdge(StateGraph.Start, "ask").Compile(),
        "resume_with_update" => State()
            .AddNode("ask", context => NoteIn($"{context.Get(Name)}:{context.Interrupt("sure?")}"))
            .Visits("after")
            .Chain("ask", "after")
            .Compile(),
        "unknown_id" => State().AddNode("ask", Ask("ask", "\"sure?\"")).Chain("ask").Compile(),
        "abandoned" => State("one").AddNode("ask", Ask("ask", "\"sure?\"")).Chain("one", "ask").Compile(),
        _ => throw new InvalidOperationException($"Build the graph of '{scenario}' here, as interrupts.mjs does."),
    };

    private static CompiledGraph AskingTogether(params string[] names) =>
        names.Aggregate(State(), (graph, name) => graph.AddNode(name, Ask(name, $"\"{name}?\"")).AddEdge(StateGraph.Start, name))
            .Visits("join")
            .AddEdge(names, "join")
            .Compile();
}

using static Weft.Graphs.Tests.Oracle.OracleParts;

namespace Weft.Graphs.Tests.Oracle;

/// <summary>The graphs of <c>tests/oracle/scenarios/travel.mjs</c>.</summary>
internal static class TravelGraphs
{
    public static OracleGraph Build(string scenario) => scenario switch
    {
        "replay_each" or "input_at_each" or "fork_as_node" or "fork_as_same_node" or "fork_copy" or "bulk" or "replay_with_breakpoint"
            or "command_at_the_end" or "command_at_a_breakpoint" or "head_at_a_breakpoint" or "head_that_is_an_edit" or "head_at_the_end"
            or "durability_exit" or "durability_sync" or "durability_exit_breakpoint" => Line("one", "two", "three").Compile(),
        "fork_with_goto" => State("one", "two", "else").AddEdge(StateGraph.Start, "one").AddEdge("one", "two")
            .AddConditionalEdges("two", _ => StateGraph.End, ["else", StateGraph.End]).Compile(),
        "goto_parts" =>
            State("one").AddNode("work", context => NoteIn($"work:{(context.Input is null ? context.Get(Name) : ItemOf(context))}"))
            .AddEdge(StateGraph.Start, "one").AddConditionalEdges("one", _ => StateGraph.End, ["work", StateGraph.End]).Compile(),
        "bulk_parallel" => State("a", "b", "join")
            .AddEdge(StateGraph.Start, "a")
            .AddEdge(StateGraph.Start, "b")
            .AddEdge(["a", "b"], "join")
            .Compile(),
        "head_with_answer" => State().AddNode("a", Ask("a", "\"a?\"")).AddNode("b", Ask("b", "\"b?\"")).Visits("join")
            .AddEdge(StateGraph.Start, "a").AddEdge(StateGraph.Start, "b").AddEdge(["a", "b"], "join").Compile(),
        "head_at_a_breakpoint_inside" => State("one")
            .AddNode(
                "sub",
                State("two", "three").Chain("two", "three").Compile(new CompileOptions { InterruptBefore = NodeSelection.Of("three") }))
            .Visits("after")
            .Chain("one", "sub", "after")
            .Compile(),
        "replay_with_interrupt" or "head_at_a_question" or "durability_exit_asks" =>
            State("one").AddNode("ask", Ask("ask", "\"sure?\"")).Visits("after").Chain("one", "ask", "after").Compile(),
        "replay_with_send" => State("plan").AddNode("work", context => NoteIn($"work:{context.Get(Name)}")).Chain("plan", "work").Compile(),
        "durability_exit_fails" => Failing(),
        "durability_exit_subgraph" => State("one").AddNode("sub", Line("two", "three").Compile()).Chain("one", "sub").Compile(),
        "durability_exit_subgraph_asks" => State("one")
            .AddNode("sub", State("two").AddNode("ask", Ask("ask", "\"sure?\"")).Chain("two", "ask").Compile())
            .Visits("after")
            .Chain("one", "sub", "after")
            .Compile(),
        _ => throw new InvalidOperationException($"Build the graph of '{scenario}' here, as travel.mjs does."),
    };

    private static CompiledGraph Failing()
    {
        var tries = 0;
        return State("one")
            .AddNode("bad", _ => ++tries == 1 ? throw new InvalidOperationException("no luck") : NoteIn("bad"))
            .Chain("one", "bad")
            .Compile();
    }
}

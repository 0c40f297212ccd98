using System.Text.Json;
using static Weft.Graphs.Tests.Oracle.OracleParts;

namespace Weft.Graphs.Tests.Oracle;

/// <summary>The graphs of <c>tests/oracle/scenarios.mjs</c>, built once more with Weft.</summary>
internal static class OracleGraphs
{
    public static CompiledGraph Build(string scenario) => scenario switch
    {
        "sequence" or "breakpoint_before" or "breakpoint_after" or "update_at_breakpoint" or "update_as_end_and_copy" or "fork_and_continue"
            or "update_after_update_as_node" =>
            Line("first", "second", "third").Compile(),
        "breakpoint_of_graph" => Line("first", "second", "third").Compile(new CompileOptions
        {
            InterruptBefore = NodeSelection.Of("second"),
            InterruptAfter = NodeSelection.Of("second"),
        }),
        "command_as_input" or "command_update_only_on_fresh_thread" or "breakpoint_everywhere" or "update_as_input" or "update_of_fresh_thread"
            or "update_of_fresh_thread_as_node" or "fork_with_input" or "recursion_limit_of_two"
            or "input_without_channels" or "resume_when_nothing_waits" or "update_of_fresh_thread_after_update_as_node"
            or "update_after_new_input" => Line("first", "second").Compile(),
        "command_resume_on_fresh_thread" or "continue_on_fresh_thread" or "recursion_limit_of_one" => Line("first").Compile(),
        "parallel" or "update_ambiguous" => Fan(),
        "conditional_loop" or "breakpoint_in_loop" or "recursion_limit_in_loop" => Loop(),
        "edges_meet" => State("a", "b", "b2", "c", "d")
            .AddEdge(StateGraph.Start, "a").AddEdge("a", "b").AddEdge("a", "c").AddEdge("b", "b2")
            .AddEdge(["b2", "c"], "d").AddEdge("c", "d").Compile(),
        "conditional_several" => State()
            .AddNode("pick", _ => new StateUpdate().Set(Name, "picked").Add(Trail, "pick"))
            .AddNode("y", Visit("y"))
            .AddNode("x", Visit("x"))
            .AddEdge(StateGraph.Start, "pick")
            .AddConditionalEdges(
                "pick", context => context.Get(Name) == "picked" ? ["y", "x"] : [StateGraph.End], ["x", "y", StateGraph.End])
            .Compile(),
        "send_map_reduce" => MapReduce(),
        "command_from_node" => CommandFromNode(),
        "writes_of_nothing" => State()
            .AddNode("nothing", _ => (StateUpdate?)null).AddNode("empty", _ => StateUpdate.None).AddNode("unknown", _ => StateUpdate.None)
            .AddNode("mixed", _ => new StateUpdate().Set(Name, "m")).AddNode("nil", _ => new StateUpdate().Set(Name, null!))
            .AddEdge(StateGraph.Start, "nothing")
            .AddEdge("nothing", "empty")
            .AddEdge("empty", "unknown")
            .AddEdge("unknown", "mixed")
            .AddEdge("mixed", "nil")
            .Compile(),
        "custom_stream" => State().AddNode("talk", Talk).AddEdge(StateGraph.Start, "talk").Compile(),
        "update_after_sends" or "update_before_sends" => Sending("plan").Compile(),
        "update_after_sends_of_start" => Sending().Compile(),
        "update_after_sends_beside_node" or "update_after_end" => Sending("plan", "beside").Compile(),
        "update_after_sends_of_several" => Sending("plan").AddNode("other", Visit("other")).AddEdge(StateGraph.Start, "other").Compile(),
        "update_beside_finished_sibling" => State().AddNode("p", Ask("p", "\"p?\""))
            .AddNode("plain", Visit("plain")).AddNode("then", Visit("then")).AddNode("behind", Visit("behind"))
            .AddEdge(StateGraph.Start, "p").AddEdge(StateGraph.Start, "plain").AddEdge("plain", "then").AddEdge("p", "behind").Compile(),
        "update_beside_finished_send" => State("plan").AddNode("p", Ask("p", "\"p?\"")).AddNode("work", Work).AddNode("join", Visit("join"))
            .AddEdge(StateGraph.Start, "plan")
            .AddConditionalEdges("plan", _ => [Send.Of("p", JsonElement.Parse("{}")), Item(2)], ["p", "work"])
            .AddEdge("work", "join")
            .AddEdge("p", "join")
            .Compile(),
        "interrupt_and_resume" => State("before").AddNode("ask", Ask("ask", """{"q":"ok?"}""")).AddNode("after", Visit("after"))
            .AddEdge(StateGraph.Start, "before").AddEdge("before", "ask").AddEdge("ask", "after").Compile(),
        "interrupt_twice_in_a_node" =>
            State().AddNode("ask", Ask("ask", "\"one?\"", "\"two?\"")).AddEdge(StateGraph.Start, "ask").Compile(),
        "interrupt_in_parallel" => State()
            .AddNode("p", Ask("p", "\"p?\""))
            .AddNode("q", Ask("q", "\"q?\""))
            .AddNode("plain", Visit("plain"))
            .AddNode("join", Visit("join"))
            .AddEdge(StateGraph.Start, "p")
            .AddEdge(StateGraph.Start, "q")
            .AddEdge(StateGraph.Start, "plain")
            .AddEdge(["p", "q", "plain"], "join")
            .Compile(),
        "interrupt_continue_and_abandon" or "fork_at_interrupt" or "fork_at_interrupt_with_another_answer" or "update_of_interrupted_node" =>
            State()
            .AddNode("ask", Ask("ask", "\"sure?\""))
            .AddNode("after", Visit("after"))
            .AddEdge(StateGraph.Start, "ask")
            .AddEdge("ask", "after")
            .Compile(),
        "command_combined" =>
            State().AddNode("ask", Ask("ask", "\"sure?\"")).AddNode("after", Visit("after")).AddNode("extra", Visit("extra"))
            .AddEdge(StateGraph.Start, "ask")
            .AddEdge("ask", "after")
            .AddConditionalEdges("after", _ => StateGraph.End, ["extra", StateGraph.End])
            .Compile(),
        "command_goto_with_pending_sends" => State("plan").AddNode("work", Work).AddNode("third", Visit("third"))
            .AddEdge(StateGraph.Start, "plan")
            .AddConditionalEdges("plan", _ => [Item(1), Item(2)], ["work"])
            .AddConditionalEdges("work", _ => StateGraph.End, ["third", StateGraph.End]).Compile(),
        "update_with_finished_sibling" or "update_as_end_with_finished_sibling" => State()
            .AddNode("p", Ask("p", "\"p?\"")).AddNode("plain", Visit("plain")).AddNode("then", Visit("then"))
            .AddEdge(StateGraph.Start, "p").AddEdge(StateGraph.Start, "plain").AddEdge("plain", "then").Compile(),
        "messages" => ChatGraph(),
        "failing_sibling" => FailingSibling(),
        "two_writes_to_last_value" => State()
            .AddNode("p", _ => new StateUpdate().Set(Name, "p")).AddNode("q", _ => new StateUpdate().Set(Name, "q"))
            .AddEdge(StateGraph.Start, "p").AddEdge(StateGraph.Start, "q").Compile(),
        _ => throw new InvalidOperationException($"Build the graph of '{scenario}' here, as scenarios.mjs does."),
    };

    private static CompiledGraph Fan() => State("zeta", "alpha", "mid", "last")
        .AddEdge(StateGraph.Start, "zeta").AddEdge(StateGraph.Start, "alpha").AddEdge(StateGraph.Start, "mid")
        .AddEdge(["zeta", "alpha", "mid"], "last").AddEdge("last", StateGraph.End).Compile();

    private static CompiledGraph Loop() => State()
        .AddNode("tick", _ => new StateUpdate().Set(Count, 1))
        .AddEdge(StateGraph.Start, "tick")
        .AddConditionalEdges("tick", context => context.Get(Count) < 3 ? "tick" : StateGraph.End, ["tick", StateGraph.End]).Compile();

    private static Send Item(int item) => Send.Of("work", JsonElement.Parse($$"""{"item":{{item}}}"""));

    private static NodeResult Work(NodeContext context) => new StateUpdate().Add(Trail, $"work:{context.Input!.Value.GetProperty("item")}");

    private static CompiledGraph MapReduce() => State()
        .AddNode("plan", _ => new StateUpdate().Set(Name, "planned"))
        .AddNode("work", context => new StateUpdate().Add(Trail, $"work:{context.Input!.Value.GetProperty("item")}").Set(Count, 1))
        .AddNode("other", Visit("other"))
        .AddNode("gather", context => new StateUpdate().Set(Name, string.Join('+', context.Get(Trail)!)))
        .AddEdge(StateGraph.Start, "plan")
        .AddConditionalEdges("plan", _ => [Item(3), "other", Item(1), Item(2)], ["work", "other"])
        .AddEdge("work", "gather").AddEdge("other", "gather").Compile();

    private static StateGraph Sending(string? planner = null, string? beside = null)
    {
        var graph = State().AddNode("work", Work).AddNode("join", Visit("join")).AddEdge("work", "join");
        if (planner is not null)
        {
            graph.AddNode(planner, Visit(planner)).AddEdge(StateGraph.Start, planner);
        }

        if (beside is not null)
        {
            graph.AddNode(beside, Visit(beside)).AddEdge(beside, "join");
        }

        var from = planner ?? StateGraph.Start;
        return beside is null
            ? graph.AddConditionalEdges(from, _ => [Item(1)], ["work"])
            : graph.AddConditionalEdges(from, _ => [Item(1), beside], ["work", beside]);
    }

    private static CompiledGraph CommandFromNode() => State()
        .AddNode(
            "route",
            context => new Command
            {
                Update = new StateUpdate().Add(Trail, "route").Set(Count, 1),
                Goto = context.Get(Count) == 0 ? ["left", Send.Of("right", JsonElement.Parse("""{"item":"own"}"""))] : [StateGraph.End],
            },
            new NodeOptions { Destinations = ["left", "right", StateGraph.End] })
        .AddNode("left", Visit("left"))
        .AddNode("right", context => new StateUpdate().Add(Trail, $"right:{context.Input!.Value.GetProperty("item")}"))
        .AddEdge(StateGraph.Start, "route").Compile();

    private static NodeResult Talk(NodeContext context)
    {
        context.Write(JsonElement.Parse("""{"at":1}"""));
        context.Write("two");
        return new StateUpdate().Set(Name, "t");
    }

    private static CompiledGraph ChatGraph() => new StateGraph().AddChannel(Chat)
        .AddNode("say", _ => new StateUpdate().Add(Chat, Message.Ai("hello", "a1"), Message.Human("changed", "h1")))
        .AddNode("tool", _ => new StateUpdate().Add(Chat, Message.Tool("42", "c1", id: "t1")))
        .AddNode("drop", _ => new StateUpdate().Add(Chat, Message.Remove("h1")))
        .AddEdge(StateGraph.Start, "say").AddEdge("say", "tool").AddEdge("tool", "drop").Compile();

    private static CompiledGraph FailingSibling()
    {
        var goodIsDone = new TaskCompletionSource();
        var failures = 0;
        return State()
            .AddNode("good", async (context, _) =>
            {
                await Task.Yield();
                goodIsDone.TrySetResult();
                return new StateUpdate().Add(Trail, "good");
            })
            .AddNode("bad", async (_, cancellationToken) =>
            {
                await goodIsDone.Task.WaitAsync(cancellationToken);
                // The sibling's outcome is to be in before this one fails; it has done its work, the rest is a moment.
                await Task.Delay(100, cancellationToken);
                return failures++ == 0 ? throw new InvalidOperationException("no luck") : new StateUpdate().Add(Trail, "bad");
            })
            .AddNode("join", Visit("join"))
            .AddEdge(StateGraph.Start, "good").AddEdge(StateGraph.Start, "bad").AddEdge(["good", "bad"], "join").Compile();
    }
}

using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using static Weft.Graphs.Tests.Oracle.OracleParts;

namespace Weft.Graphs.Tests.Oracle;

/// <summary>The graphs of <c>tests/oracle/scenarios/mixed.mjs</c>.</summary>
internal static class MixedGraphs
{
    private static readonly LastValueChannel<int> Item = Channel.LastValue<int>("item");
    private static readonly LastValueChannel<int> Tally = Channel.LastValue<int>("count");
    private static readonly CompileOptions PerThread = new() { Persistence = SubgraphPersistence.PerThread };
    private static readonly NodeOptions Deferred = new() { Defer = true };

    public static OracleGraph Build(string scenario) => scenario switch
    {
        "subgraph_asks_in_loop" => State()
            .AddNode("sub", new StateGraph().AddChannels(Name, Tally)
                .AddNode("ask", context => new StateUpdate().Set(Name, context.Interrupt("more?").GetString()!).Set(Tally, 1))
                .Chain("ask")
                .Compile())
            .AddEdge(StateGraph.Start, "sub")
            .AddConditionalEdges("sub", context => context.Get(Count) < 2 ? "sub" : StateGraph.End, ["sub", StateGraph.End])
            .Compile(),
        "subgraph_sends_and_asks" => Before(
            Sending(State().AddNode("work", context => NoteIn($"{ItemOf(context)}:{context.Interrupt($"{ItemOf(context)}?")}")), 1, 2)),
        "subgraph_fails_beside_asking" => Side(
            State()
                .AddNode("left", Asking("left?"))
                .AddNode("right", State("one").AddNode("bad", Once("bad")).Chain("one", "bad").Compile())
                .Visits("join"),
            "left",
            "right"),
        "send_to_subgraph_fails" => SendToSubgraphFails(),
        "asks_at_two_depths" => Outer(State()
            .AddNode("mid", Ask("mid", "\"mid?\""))
            .AddNode("inner", State().AddNode("ask", Ask("ask", "\"inner?\"")).Chain("ask").Compile())
            .AddEdge(StateGraph.Start, "mid").AddEdge(StateGraph.Start, "inner").Compile()),
        "breakpoint_after_inside" => Before(Line("one", "two").Compile(new CompileOptions { InterruptAfter = NodeSelection.Of("one") })),
        "breakpoints_inside_and_outside" =>
            State().AddNode("sub", Line("one", "two").Compile(new CompileOptions { InterruptBefore = NodeSelection.Of("two") }))
            .Visits("after").Chain("sub", "after").Compile(new CompileOptions { InterruptBefore = NodeSelection.Of("sub", "after") }),
        "update_with_answer_for_subgraph" or "abandoned_subgraph" => Before(Asking()),
        "edit_before_asking_subgraph" => State("before").AddNode("sub", Asking()).Visits("after").Chain("before", "sub", "after").Compile(),
        "edit_then_answer" => State("before")
            .AddNode("ask", context => NoteIn($"{context.Get(Name)}:{context.Interrupt("sure?")}"))
            .Visits("after")
            .Chain("before", "ask", "after")
            .Compile(),
        "edit_of_one_of_two_asking" =>
            Side(State().AddNode("a", Ask("a", "\"a?\"")).AddNode("b", Ask("b", "\"b?\"")).Visits("join"), "a", "b"),
        "answer_at_breakpoint" => Line("one", "two").Compile(),
        "ask_behind_breakpoint" => State().AddNode("ask", Ask("ask", "\"sure?\"")).Chain("ask").Compile(),
        "retry_then_ask" => RetryThenAsk(),
        "ask_then_fail" => AskThenFail(),
        "ask_then_fail_inside" => State().AddNode("sub", AskThenFail()).Chain("sub").Compile(),
        "called_in_parallel" => CallingInParallel(),
        "called_per_thread_over_runs" => CallingPerThread(times: 1),
        "called_per_thread_twice" => CallingPerThread(times: 2),
        "deferred_behind_sends" => State()
            .AddNode(
                "work",
                context => new Command
                {
                    Update = NoteIn($"work:{ItemOf(context)}"),
                    Goto = ItemOf(context) > 1 ? [ItemFor("work", ItemOf(context) - 1)] : [],
                },
                new NodeOptions { Destinations = ["work"] })
            .AddNode("gather", context => new StateUpdate().Set(Name, string.Join('+', context.Get(Trail)!)), Deferred)
            .AddConditionalEdges(StateGraph.Start, _ => [ItemFor("work", 3), ItemFor("work", 1)], ["work"])
            .AddEdge("work", "gather")
            .Compile(),
        "deferred_and_asking" => State("a").AddNode("b", Ask("b", "\"b?\"")).AddNode("meet", Visit("meet"), Deferred)
            .AddEdge(StateGraph.Start, "a").AddEdge("a", "b").AddEdge("a", "meet").AddEdge("b", "meet").Compile(),
        "deferred_inside" => State()
            .AddNode(
                "sub",
                State("a", "b")
                    .AddNode("meet", Visit("meet"), Deferred)
                    .AddEdge(StateGraph.Start, "a")
                    .AddEdge(StateGraph.Start, "meet")
                    .AddEdge("a", "b")
                    .Compile())
            .Chain("sub").Compile(),
        "branch_fails" => BranchFails(),
        "command_to_end_beside_edge" => State()
            .AddNode(
                "one",
                _ => new Command { Update = NoteIn("one"), Goto = [StateGraph.End] },
                new NodeOptions { Destinations = [StateGraph.End] })
            .Visits("two").Chain("one", "two").Compile(),
        "goto_twice_the_same" => State()
            .AddNode("one", _ => new Command { Goto = ["two", "two"] }, new NodeOptions { Destinations = ["two"] })
            .Visits("two")
            .Chain("one", "two")
            .Compile(),
        "model_two_deep" => ChatState()
            .AddNode(
                "outer",
                ChatState()
                    .AddNode("inner", ChatState().AddNode("say", Say("m1", "de", "ep")).Chain("say").Compile())
                    .Chain("inner")
                    .Compile())
            .AddNode("more", Say("m2", "up")).Chain("outer", "more").Compile(),
        "whole_message_inside" => ChatState()
            .AddNode(
                "sub", ChatState().AddNode("say", _ => new StateUpdate().Add(Chat, Message.Ai("x", "m1"))).Chain("say").Compile())
            .Chain("sub")
            .Compile(),
        "workflow_runs_an_asking_graph" => WorkflowRunningAGraph(),
        "workflow_as_a_node" => State()
            .AddNode("node", Workflow.Create<JsonObject, JsonObject>("flow", async (state, flow, cancellationToken) => new JsonObject
            {
                ["trail"] = new JsonArray(
                    await flow.StepAsync("first", _ => Task.FromResult($"{state["name"]}!"), cancellationToken: cancellationToken)),
            }))
            .Visits("after").Chain("node", "after").Compile(),
        "sends_with_breakpoint" => State("plan").AddNode("work", context => NoteIn($"work:{ItemOf(context)}"))
            .AddEdge(StateGraph.Start, "plan")
            .AddConditionalEdges("plan", _ => [ItemFor("work", 1), ItemFor("work", 2)], ["work"])
            .Compile(),
        "fork_of_sends" => Sending(
            State().AddNode("work", context => NoteIn(ItemOf(context) == 1 ? "one" : $"two:{context.Interrupt("two?")}")), 1, 2),
        "continue_at_the_end" => State().AddNode("sub", Asking()).Chain("sub").Compile(),
        _ => throw new InvalidOperationException($"Build the graph of '{scenario}' here, as mixed.mjs does."),
    };

    private static CompiledGraph Asking(string question = "sure?") =>
        State("inside").AddNode("ask", Ask("ask", JsonSerializer.Serialize(question))).Chain("inside", "ask").Compile();

    private static CompiledGraph Before(CompiledGraph sub) => State().AddNode("sub", sub).Visits("after").Chain("sub", "after").Compile();

    private static CompiledGraph Outer(CompiledGraph outer) =>
        State().AddNode("outer", outer).Visits("after").Chain("outer", "after").Compile();

    private static CompiledGraph Side(StateGraph graph, params string[] names) =>
        names.Aggregate(graph, (graph, name) => graph.AddEdge(StateGraph.Start, name)).AddEdge(names, "join").Compile();

    private static CompiledGraph Sending(StateGraph graph, params int[] items) =>
        graph.AddConditionalEdges(StateGraph.Start, _ => [.. items.Select(item => (Destination)ItemFor("work", item))], ["work"]).Compile();

    private static Func<NodeContext, CancellationToken, Task<NodeResult>> Once(string done)
    {
        var tries = 0;
        return async (_, cancellationToken) =>
        {
            // The siblings' outcomes are to be in before this one fails.
            await Task.Delay(100, cancellationToken);
            return ++tries == 1 ? throw new InvalidOperationException("no luck") : NoteIn(done);
        };
    }

    private static CompiledGraph SendToSubgraphFails()
    {
        var once = Once("work:2");
        var sub = new StateGraph().AddChannels(Item, Trail)
            .AddNode(
                "work",
                async (context, cancellationToken) =>
                    context.Get(Item) == 2 ? await once(context, cancellationToken) : NoteIn($"work:{context.Get(Item)}"))
            .Chain("work").Compile();
        return State()
            .AddNode("sub", sub)
            .AddConditionalEdges(StateGraph.Start, _ => [ItemFor("sub", 1), ItemFor("sub", 2), ItemFor("sub", 3)], ["sub"])
            .Compile();
    }

    private static CompiledGraph RetryThenAsk()
    {
        var tries = 0;
        var retry = new RetryPolicy
        {
            AttemptsMax = 2,
            InitialInterval = TimeSpan.FromMilliseconds(1),
            Jitter = false,
            RetryOn = _ => true,
        };
        return State().AddNode(
            "shaky",
            context => ++tries == 1 ? throw new InvalidOperationException("no luck") : NoteIn($"{tries}:{context.Interrupt("sure?")}"),
            new NodeOptions { Retry = retry }).Chain("shaky").Compile();
    }

    private static CompiledGraph AskThenFail()
    {
        var tries = 0;
        return State().AddNode("ask", context =>
        {
            var answer = context.Interrupt("sure?");
            return ++tries == 1 ? throw new InvalidOperationException("no luck") : NoteIn(answer.GetString()!);
        }).Chain("ask").Compile();
    }

    private static CompiledGraph CallingInParallel()
    {
        var (left, right) = (Line("one").Compile(), Line("two").Compile());
        return State().AddNode("call", async (context, cancellationToken) =>
        {
            var results = await Task.WhenAll(
                context.RunAsync(left, StateUpdate.None, cancellationToken),
                context.RunAsync(right, StateUpdate.None, cancellationToken));
            return new StateUpdate().Add(Trail, [.. results.SelectMany(values => values.Get(Trail)!)]);
        }).Chain("call").Compile();
    }

    private static CompiledGraph CallingPerThread(int times)
    {
        var sub = State().AddNode("tick", _ => new StateUpdate().Set(Count, 1)).Chain("tick").Compile(PerThread);
        return State().AddNode("call", async (context, cancellationToken) =>
        {
            var counts = new List<string>();
            for (var i = 0; i < times; i++)
            {
                counts.Add(
                    (await context.RunAsync(sub, StateUpdate.None, cancellationToken)).Get(Count).ToString(CultureInfo.InvariantCulture));
            }

            return new StateUpdate().Add(Trail, [.. counts]);
        }).Chain("call").Compile();
    }

    private static CompiledGraph BranchFails()
    {
        var tries = 0;
        return State()
            .AddNode("pick", context => NoteIn("pick").Set(Name, $"{context.Get(Name)}!"))
            .Visits("x")
            .AddEdge(StateGraph.Start, "pick")
            .AddConditionalEdges(
                "pick",
                context =>
                    ++tries == 1 ? throw new InvalidOperationException("no luck") : context.Get(Name) == "in!" ? "x" : StateGraph.End,
                ["x", StateGraph.End]).Compile();
    }

    private static CompiledGraph WorkflowRunningAGraph()
    {
        var runs = 0;
        var sub = Asking();
        return Workflow.Create<JsonElement, JsonArray>("flow", async (_, flow, cancellationToken) =>
        {
            var result = new JsonArray(await flow.StepAsync("first", _ => Task.FromResult(++runs), cancellationToken: cancellationToken));
            foreach (var name in (await flow.Node.RunAsync(sub, StateUpdate.None, cancellationToken)).Get(Trail)!)
            {
                result.Add(name);
            }

            return result;
        });
    }
}

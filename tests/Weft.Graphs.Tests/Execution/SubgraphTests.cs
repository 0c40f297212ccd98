using System.Text.Json;
using static Weft.Graphs.Tests.TestGraphs;

namespace Weft.Graphs.Tests.Execution;

public sealed class SubgraphTests
{
    [Fact]
    public async Task A_graph_as_a_node_takes_the_state_in_and_writes_its_whole_state_out()
    {
        var thread = new ThreadUnderTest(New("r", "end").AddNode("sub", New("c").Chain("c").Compile()).Chain("r", "sub", "end").Compile());
        (await thread.RunAsync()).TrailOf().ShouldBe(["r", "r", "c", "end"]);
    }

    [Fact]
    public async Task Its_checkpoints_have_a_namespace_and_steps_of_their_own()
    {
        var thread = new ThreadUnderTest(New().AddNode("sub", New("c").Chain("c").Compile()).Chain("sub").Compile())
        {
            Options = Everything,
        };
        await thread.RunAsync();
        var inside = thread.Namespaces.Distinct().Single(name => name.Length > 0);
        inside.ShouldMatch("^sub:[0-9a-f-]{36}$");
        var history = await thread.HistoryAsync(inside);
        history.Select(state => state.Checkpoint.Step).ShouldBe([1, 0, -1]);
        var parent = (await thread.HistoryAsync())[1].Checkpoint.Id;
        history.ShouldAllBe(
            state => JsonElement.Parse(state.Checkpoint.Metadata).GetProperty("parents").GetProperty("").GetString() == parent);
    }

    [Fact]
    public async Task An_interrupt_inside_surfaces_and_the_answer_finds_its_way_back()
    {
        var thread = new ThreadUnderTest(Asking());
        var paused = await thread.RunAsync();
        var interrupt = paused.Interrupts.ShouldHaveSingleItem();
        (await thread.StateAsync()).Interrupts.ShouldHaveSingleItem().Id.ShouldBe(interrupt.Id);
        (await thread.ResumeAsync("\"yes\"")).TrailOf().ShouldBe(["before", "before", "c", "ask:yes", "after"]);
        thread.Of(StreamMode.Updates).Count(update => update.Contains("\"c\":{")).ShouldBe(0, "what had finished inside is not run again");
    }

    [Fact]
    public async Task Questions_at_different_depths_are_answered_by_a_map_and_some_may_wait()
    {
        var inner = New().AddNode("x", Ask("x", "x?")).Chain("x").Compile();
        var middle = New()
            .AddNode("in", inner)
            .AddNode("y", Ask("y", "y?"))
            .AddEdge(StateGraph.Start, "in")
            .AddEdge(StateGraph.Start, "y")
            .Compile();
        var thread = new ThreadUnderTest(
            New()
                .AddNode("sub", middle)
                .AddNode("z", Ask("z", "z?"))
                .AddEdge(StateGraph.Start, "sub")
                .AddEdge(StateGraph.Start, "z")
                .Compile());
        var ids = (await thread.RunAsync()).Interrupts.ToDictionary(interrupt => interrupt.Value.GetString()!, interrupt => interrupt.Id);
        ids.Keys.Order().ShouldBe(["x?", "y?", "z?"]);

        await Should.ThrowAsync<ResumeException>(() => thread.ResumeAsync("1"));
        var left = await thread.ResumeAsync($$"""{"{{ids["x?"]}}":"X","{{ids["z?"]}}":"Z"}""");
        left.Interrupts.ShouldHaveSingleItem().Id.ShouldBe(ids["y?"]);
        (await thread.ResumeAsync("\"Y\"")).TrailOf().ShouldBe(["x:X", "y:Y", "z:Z"]);
    }

    [Fact]
    public async Task Several_questions_of_one_node_inside_are_answered_in_order()
    {
        var thread = new ThreadUnderTest(
            New().AddNode("sub", New().AddNode("ask", Ask("ask", "one?", "two?")).Chain("ask").Compile()).Chain("sub").Compile())
        {
            Options = Everything with { RunId = "run-1" },
        };
        var first = await thread.RunAsync();
        thread.Options = Everything with { RunId = "run-2" };
        var second = await thread.ResumeAsync("1");
        second.Interrupts.ShouldHaveSingleItem().Value.GetString().ShouldBe("two?");
        second.Interrupts[0].Id.ShouldNotBe(first.Interrupts[0].Id);
        thread.Options = Everything with { RunId = "run-3" };
        (await thread.ResumeAsync("2")).TrailOf().ShouldBe(["ask:1,2"]);
    }

    [Fact]
    public async Task A_breakpoint_inside_pauses_the_whole_and_continuing_steps_over_it()
    {
        var inner = New("a", "b").Chain("a", "b").Compile(new CompileOptions { InterruptBefore = NodeSelection.Of("b") });
        var thread = new ThreadUnderTest(New("end").AddNode("sub", inner).Chain("sub", "end").Compile()) { Options = Everything };
        var paused = await thread.RunAsync();
        paused.IsPaused.ShouldBeTrue();
        paused.Interrupts.ShouldBeEmpty();
        thread.Of(StreamMode.Updates).Last().ShouldBe("""{"__interrupt__":[]}""");
        (await thread.StateAsync()).Next.ShouldBe(["sub"]);
        (await thread.ContinueAsync()).TrailOf().ShouldBe(["a", "b", "end"]);
    }

    [Fact]
    public async Task The_state_inside_can_be_read_and_edited_while_it_waits()
    {
        var graph = Asking();
        var thread = new ThreadUnderTest(graph);
        await thread.RunAsync();
        var tasks = JsonElement.Parse((await thread.StateAsync()).Tasks());
        var inside = tasks[0].GetProperty("checkpoint").GetProperty("checkpoint_ns").GetString()!;
        var state = (await graph.GetStateAsync(thread.Checkpointer, checkpointNamespace: inside, cancellationToken: Stop))
            .ShouldNotBeNull();
        state.TrailOf().ShouldBe(["before", "c"]);
        state.Next.ShouldBe(["ask"]);

        var edited = await graph.UpdateStateAsync(
            new GraphRunOptions { Checkpointer = thread.Checkpointer, CheckpointNamespace = inside },
            JsonElement.Parse("""{"trail":["edited"]}"""),
            "c",
            Stop);
        edited.Namespace.ShouldBe(inside);
        await thread.ContinueAsync();
        (await thread.ResumeAsync("1")).TrailOf().ShouldBe(["before", "before", "c", "edited", "ask:1", "after"]);
    }

    [Fact]
    public async Task Nested_states_are_part_of_a_snapshot_that_asks_for_them()
    {
        var graph = Asking();
        var thread = new ThreadUnderTest(graph);
        await thread.RunAsync();
        var state = (await graph.GetStateAsync(thread.Checkpointer, subgraphs: true, cancellationToken: Stop)).ShouldNotBeNull();
        var nested = new List<StateSnapshot?>();
        GraphJson.Encode(state, (writer, state) => state.WriteTasks(writer, "t", (inner, _, found) =>
        {
            nested.Add(found);
            inner.WriteNullValue();
        }));
        nested.ShouldHaveSingleItem().ShouldNotBeNull().Next.ShouldBe(["ask"]);
    }

    [Fact]
    public async Task Code_of_a_node_runs_graphs_each_under_its_own_namespace()
    {
        var inner = New("c").Chain("c").Compile();
        var thread = new ThreadUnderTest(New().AddNode("n", async (context, stop) =>
        {
            var first = await context.RunAsync(inner, new StateUpdate().Add(Trail, "x"), stop);
            var second = await context.RunAsync(inner, new StateUpdate().Add(Trail, "y"), stop);
            return new StateUpdate().Add(Trail, [.. first.Get(Trail)!, .. second.Get(Trail)!]);
        }).Chain("n").Compile())
        { Options = Everything };
        (await thread.RunAsync()).TrailOf().ShouldBe(["x", "c", "y", "c"]);
        var inside = thread.Namespaces.Where(name => name.Length > 0).Distinct().ToList();
        inside.Count.ShouldBe(2);
        inside[1].ShouldBe(inside[0] + "|1");
    }

    [Fact]
    public void A_namespace_leads_through_a_later_graph_of_a_node_to_those_inside_of_it()
    {
        var innermost = Line("a");
        var second = New().AddNode("deep", innermost).Chain("deep").Compile();
        var graph = New().AddNode("n", _ => StateUpdate.None, new NodeOptions { Subgraphs = [Line("b"), second] }).Chain("n").Compile();
        graph.GetGraph("n:1|1").ShouldBeSameAs(second);
        graph.GetGraph("n:1|1|deep:2").ShouldBeSameAs(innermost);
        Should.Throw<UnknownNodeException>(() => graph.GetGraph("n:1|deep:2"));
    }

    [Fact]
    public async Task A_node_that_asks_after_a_graph_inside_has_run_does_not_run_it_again()
    {
        var runs = 0;
        var inner = New().AddNode("c", _ =>
        {
            runs++;
            return new StateUpdate().Add(Trail, "c");
        }).Chain("c").Compile();
        var thread = new ThreadUnderTest(New().AddNode("n", async (context, stop) =>
        {
            var state = await context.RunAsync(inner, StateUpdate.None, stop);
            return new StateUpdate().Add(Trail, [.. state.Get(Trail)!, context.Interrupt("ok?").ToString()]);
        }).Chain("n").Compile());
        await thread.RunAsync();
        (await thread.ResumeAsync("\"yes\"")).TrailOf().ShouldBe(["c", "yes"]);
        runs.ShouldBe(1);
    }

    [Fact]
    public async Task A_command_to_the_parent_ends_the_graph_inside_and_steers_the_one_around()
    {
        var inner = New("never")
            .AddNode("c", _ => new Command { ToParent = true, Update = new StateUpdate().Add(Trail, "from inside"), Goto = ["other"] })
            .Chain("c", "never")
            .Compile();
        var thread = new ThreadUnderTest(
            New("other", "after").AddNode("sub", inner, new NodeOptions { Destinations = ["other"] }).Chain("sub", "after").Compile());
        (await thread.RunAsync()).TrailOf().ShouldBe(["from inside", "after", "other"]);
    }

    [Fact]
    public async Task A_command_to_a_parent_that_is_not_there_fails_the_run()
    {
        var thread = new ThreadUnderTest(New().AddNode("c", _ => new Command { ToParent = true }).Chain("c").Compile());
        (await Should.ThrowAsync<NodeFailedException>(() => thread.RunAsync())).Message.ShouldContain("ToParent");
    }

    [Fact]
    public async Task Sends_to_a_graph_run_it_once_for_each_with_its_own_input()
    {
        var inner = New().AddNode("c", context => new StateUpdate().Add(Trail, $"c{context.Get(Count)}")).Chain("c").Compile();
        var thread = new ThreadUnderTest(New("p").AddNode("sub", inner).AddEdge(StateGraph.Start, "p")
            .AddConditionalEdges("p", _ => [Send.Of("sub", new { count = 1 }), Send.Of("sub", new { count = 2 })], ["sub"]).Compile());
        (await thread.RunAsync()).TrailOf().ShouldBe(["p", "c1", "c2"]);
    }

    [Fact]
    public async Task Memory_per_thread_lasts_from_turn_to_turn()
    {
        var inner = New("c").Chain("c").Compile(new CompileOptions { Persistence = SubgraphPersistence.PerThread });
        var seen = new List<int>();
        var thread = new ThreadUnderTest(New().AddNode("n", async (context, stop) =>
        {
            seen.Add((await context.RunAsync(inner, StateUpdate.None, stop)).Get(Trail)!.Count);
            return StateUpdate.None;
        }).Chain("n").Compile())
        { Options = Everything };
        await thread.RunAsync();
        await thread.RunAsync();
        seen.ShouldBe([1, 2]);
        thread.Namespaces.ShouldContain("n");
    }

    [Fact]
    public async Task A_failure_inside_is_the_run_s_and_the_next_attempt_goes_on_where_it_happened()
    {
        var fails = true;
        var inner = New("a")
            .AddNode("b", _ => fails ? throw new TimeoutException("boo") : new StateUpdate().Add(Trail, "b"))
            .Chain("a", "b")
            .Compile();
        var thread = new ThreadUnderTest(New().AddNode("sub", inner).Chain("sub").Compile()) { Options = Everything };
        (await Should.ThrowAsync<NodeFailedException>(() => thread.RunAsync())).Message.ShouldBe("boo");
        (await thread.StateAsync()).Errors.ShouldBe(["boo"]);
        fails = false;
        (await thread.ContinueAsync()).TrailOf().ShouldBe(["a", "b"]);
        thread.Of(StreamMode.Updates).ShouldNotContain(update => update.StartsWith("""{"a":"""));
    }

    [Fact]
    public async Task Without_being_asked_for_nothing_inside_is_heard_but_what_nodes_write_themselves()
    {
        var inner = New().AddNode("c", context =>
        {
            context.Write("hello");
            return new StateUpdate().Add(Trail, "c");
        }).Chain("c").Compile();
        var thread = new ThreadUnderTest(New().AddNode("sub", inner).Chain("sub").Compile());
        await thread.RunAsync();
        thread.Namespaces.Distinct().ShouldBe([""]);
        thread.Of(StreamMode.Custom).ShouldBe(["\"hello\""]);
    }

    [Fact]
    public async Task A_graph_that_runs_itself_without_end_is_stopped()
    {
        CompiledGraph? self = null;
        self = New().AddNode("again", async (context, stop) =>
        {
            await context.RunAsync(self!, StateUpdate.None, stop);
            return StateUpdate.None;
        }).Chain("again").Compile();
        var error = await Should.ThrowAsync<NodeFailedException>(() => new ThreadUnderTest(self).RunAsync());
        error.Message.ShouldContain("does one run itself?");
    }

    private static GraphRunOptions Everything => new()
    {
        Modes = StreamMode.Values | StreamMode.Updates | StreamMode.Custom | StreamMode.Tasks | StreamMode.Checkpoints | StreamMode.Debug,
        StreamSubgraphs = true,
    };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static CompiledGraph Asking() =>
        New("before", "after")
            .AddNode("sub", New("c").AddNode("ask", Ask("ask", "ok?")).Chain("c", "ask").Compile())
            .Chain("before", "sub", "after")
            .Compile();
}

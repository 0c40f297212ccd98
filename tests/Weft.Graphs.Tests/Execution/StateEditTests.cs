using static Weft.Graphs.Tests.TestGraphs;

namespace Weft.Graphs.Tests.Execution;

public sealed class StateEditTests
{
    [Fact]
    public async Task Values_go_through_reducers_and_the_node_s_edges_say_what_is_next()
    {
        var thread = new ThreadUnderTest(Line("a", "b", "c"));
        await thread.RunAsync("""{"count":1}""");
        var edit = await thread.UpdateAsync("""{"count":2,"trail":["edit"],"unknown":5}""", "a");
        edit.Source.ShouldBe(CheckpointSource.Update);
        edit.Step.ShouldBe(4);
        var state = await thread.StateAsync();
        state.Json().ShouldBeJson("""{"count":3,"trail":["a","b","c","edit"],"messages":[]}""");
        state.Next.ShouldBe(["b"]);
    }

    [Fact]
    public async Task The_node_that_ran_last_is_meant_when_none_is_named()
    {
        var thread = new ThreadUnderTest(Line("a", "b", "c"));
        thread.Options = thread.Options with { InterruptAfter = NodeSelection.Of("b") };
        await thread.RunAsync();
        await thread.UpdateAsync("""{"name":"x"}""");
        (await thread.StateAsync()).Next.ShouldBe(["c"]);
        (await thread.UpdateAsync("""{"name":"y"}""")).LastNodes.ShouldBe(["b"]);
    }

    [Fact]
    public async Task Two_candidates_are_ambiguous()
    {
        var thread = new ThreadUnderTest(New("a", "b").AddEdge(StateGraph.Start, "a").AddEdge(StateGraph.Start, "b").Compile());
        await thread.RunAsync();
        (await Should.ThrowAsync<AmbiguousNodeException>(() => thread.UpdateAsync("""{"name":"x"}"""))).Message.ShouldContain("Ambiguous");
        (await thread.HistoryAsync()).Count.ShouldBe(3);
    }

    [Fact]
    public async Task The_only_node_of_a_graph_is_meant_on_a_fresh_thread_too()
    {
        var thread = new ThreadUnderTest(Line("a"));
        await thread.UpdateAsync("""{"name":"x"}""");
        (await thread.StateAsync()).HasNext.ShouldBeFalse();
    }

    [Fact]
    public async Task An_unknown_node_or_a_value_that_does_not_fit_changes_nothing()
    {
        var thread = new ThreadUnderTest(Line("a"));
        await thread.RunAsync();
        await Should.ThrowAsync<UnknownNodeException>(() => thread.UpdateAsync("{}", "nobody"));
        await Should.ThrowAsync<UnknownNodeException>(() => thread.UpdateAsync("{}", StateGraph.End));
        await Should.ThrowAsync<InvalidUpdateException>(() => thread.UpdateAsync("""{"count":"x"}""", "a"));
        await Should.ThrowAsync<InvalidUpdateException>(() => thread.UpdateAsync("""{"messages":[{"role":"remove","id":"zz"}]}""", "a"));
        await Should.ThrowAsync<CheckpointNotFoundException>(() => thread.UpdateAsync("{}", "a", "nothing"));
        (await thread.HistoryAsync()).Count.ShouldBe(3);
    }

    [Fact]
    public async Task Null_changes_nothing_but_the_checkpoint()
    {
        var thread = new ThreadUnderTest(Line("a", "b"));
        thread.Options = thread.Options with { InterruptBefore = NodeSelection.Of("b") };
        await thread.RunAsync();
        var before = await thread.StateAsync();
        var edit = await thread.UpdateAsync(null);
        edit.Source.ShouldBe(CheckpointSource.Update);
        edit.ParentId.ShouldBe(before.Checkpoint.Id);
        var after = await thread.StateAsync();
        after.Json().ShouldBe(before.Json());
        after.Next.ShouldBe(["b"]);
    }

    [Fact]
    public async Task The_end_with_null_drops_what_is_pending()
    {
        var thread = new ThreadUnderTest(
            New("plain").AddNode("ask", Ask("ask", "ok?")).AddEdge(StateGraph.Start, "ask").AddEdge(StateGraph.Start, "plain").Compile());
        await thread.RunAsync();
        await thread.UpdateAsync(null, StateGraph.End);
        var state = await thread.StateAsync();
        state.HasNext.ShouldBeFalse();
        state.Interrupts.ShouldBeEmpty();
        state.TrailOf().ShouldBe(["plain"]);
    }

    [Fact]
    public async Task As_input_the_graph_starts_anew()
    {
        var thread = new ThreadUnderTest(Line("a"));
        await thread.RunAsync();
        (await thread.UpdateAsync("""{"count":3}""", "__input__")).Source.ShouldBe(CheckpointSource.Input);
        (await thread.StateAsync()).Next.ShouldBe([StateGraph.Start]);
        var done = await thread.ContinueAsync();
        done.TrailOf().ShouldBe(["a", "a"]);
        done.Values.Get(Count).ShouldBe(3);
    }

    [Fact]
    public async Task A_copy_is_a_fork_with_the_same_values_and_tasks()
    {
        var thread = new ThreadUnderTest(Line("a", "b"));
        await thread.RunAsync();
        var at = (await thread.HistoryAsync()).Single(state => state.Checkpoint.Step == 1);
        var copy = await thread.UpdateAsync(null, "__copy__", at.Checkpoint.Id);
        copy.Source.ShouldBe(CheckpointSource.Fork);
        (await thread.StateAsync()).Json().ShouldBe(at.Json());
        (await thread.StateAsync()).Next.ShouldBe(["b"]);
        (await thread.ContinueAsync()).TrailOf().ShouldBe(["a", "b"]);
    }

    [Fact]
    public async Task A_list_is_several_updates_of_the_node()
    {
        var thread = new ThreadUnderTest(Line("a", "b"));
        await thread.RunAsync();
        await thread.UpdateAsync("""[{"count":1,"trail":"x"},{"count":2,"trail":["y"]}]""", "b");
        var state = await thread.StateAsync();
        state.Checkpoint.Values.Get(Count).ShouldBe(3);
        state.TrailOf().ShouldBe(["a", "b", "x", "y"]);
    }

    [Fact]
    public async Task An_edit_as_the_node_that_asks_takes_the_place_of_its_execution()
    {
        var thread = new ThreadUnderTest(New("after").AddNode("ask", Ask("ask", "ok?")).Chain("ask", "after").Compile());
        await thread.RunAsync();
        await thread.UpdateAsync("""{"trail":["instead"]}""", "ask");
        (await thread.ContinueAsync()).TrailOf().ShouldBe(["instead", "after"]);
    }

    [Fact]
    public async Task At_the_head_finished_siblings_count_and_what_they_set_off_stays_pending()
    {
        var thread = new ThreadUnderTest(New("plain", "then").AddNode("ask", Ask("ask", "ok?"))
            .AddEdge(StateGraph.Start, "ask").AddEdge(StateGraph.Start, "plain").AddEdge("plain", "then").Compile());
        await thread.RunAsync();
        var asked = (await thread.StateAsync()).Checkpoint.Id;
        await thread.UpdateAsync("""{"trail":["instead"]}""", "ask");
        (await thread.StateAsync()).Next.ShouldBe(["then"]);
        (await thread.ContinueAsync()).TrailOf().ShouldBe(["plain", "instead", "then"]);
        await thread.UpdateAsync("""{"trail":["instead"]}""", "ask", asked);
        (await thread.StateAsync()).TrailOf().ShouldBe(["instead"]);
    }

    [Fact]
    public async Task Sends_that_a_finished_sibling_made_stay_pending()
    {
        var thread = new ThreadUnderTest(New().AddNode("ask", Ask("ask", "ok?")).AddNode("plan", _ => new Command { Goto = [Send.Of("work", 1), Send.Of("work", 2)] }, new NodeOptions { Destinations = ["work"] })
            .AddNode("work", context => new StateUpdate().Add(Trail, $"work:{context.Input}"))
            .AddEdge(StateGraph.Start, "ask").AddEdge(StateGraph.Start, "plan").AddEdge("ask", "work").Compile());
        await thread.RunAsync();
        await thread.UpdateAsync("""{"trail":["instead"]}""", "ask");
        (await thread.StateAsync()).Next.ShouldBe(["work", "work", "work"]);
    }

    [Fact]
    public async Task Beside_a_send_that_finished_an_edit_is_made_as_the_node_that_sent()
    {
        var thread = new ThreadUnderTest(New("plan", "join").AddNode("ask", Ask("ask", "ok?"))
            .AddNode("work", context => new StateUpdate().Add(Trail, $"work:{context.Input}"))
            .AddEdge(StateGraph.Start, "plan")
            .AddConditionalEdges("plan", _ => [Send.Of("ask", 1), Send.Of("work", 2)], ["ask", "work"])
            .AddEdge("work", "join").AddEdge("ask", "join").Compile());
        await thread.RunAsync();
        var edit = await thread.UpdateAsync("""{"trail":["edit"]}""");
        edit.LastNodes.ShouldBe(["plan"]);
        (await thread.StateAsync()).TrailOf().ShouldBe(["plan", "work:2", "edit"]);
        (await thread.StateAsync()).Next.ShouldBe(["ask", "work", "join"], ignoreOrder: true);
    }

    [Fact]
    public async Task Branches_of_the_node_see_the_edit()
    {
        var thread = new ThreadUnderTest(New("yes", "no").AddNode("a", _ => (StateUpdate?)null).Chain("a")
            .AddConditionalEdges("a", context => context.Get(Name) == "go" ? "yes" : "no", ["yes", "no"]).Compile());
        await thread.UpdateAsync("""{"name":"go"}""", "a");
        (await thread.StateAsync()).Next.ShouldBe(["yes"]);
        await thread.UpdateAsync("""{"name":"stay"}""", "a");
        (await thread.StateAsync()).Next.ShouldBe(["no"]);
    }

    [Fact]
    public async Task Supersteps_make_a_checkpoint_each_of_updates_that_apply_together()
    {
        var graph = New("a", "b", "c")
            .AddEdge(StateGraph.Start, "a")
            .AddEdge(StateGraph.Start, "b")
            .AddEdge("a", "c")
            .AddEdge("b", "c")
            .Compile();
        var thread = new ThreadUnderTest(graph);
        var last = await graph.UpdateStateAsync(
            new GraphRunOptions { Checkpointer = thread.Checkpointer },
            [
                [new NodeUpdate(Element("""{"name":"in"}"""), "__input__")],
                [new NodeUpdate(Element("""{"name":"in"}"""), "__start__")],
                [new NodeUpdate(Element("""{"trail":["A"]}"""), "a"), new NodeUpdate(Element("""{"trail":["B"]}"""), "b")],
            ],
            TestContext.Current.CancellationToken);
        last.Step.ShouldBe(1);
        (await thread.HistoryAsync()).Select(state => $"{state.Checkpoint.Source} {state.Checkpoint.Step} {string.Join(',', state.Next)}")
            .ShouldBe(["Update 1 c", "Update 0 a,b", "Input -1 __start__"]);
        (await thread.ContinueAsync()).TrailOf().ShouldBe(["A", "B", "c"]);
    }

    [Fact]
    public async Task A_superstep_that_can_t_be_made_leaves_nothing_of_those_before_it()
    {
        var graph = New("a", "b").Chain("a", "b").Compile();
        var thread = new ThreadUnderTest(graph);
        foreach (NodeUpdate[] second in (NodeUpdate[][])[[], [new(null, "__input__"), new(null, "a")], [new(null), new(null, "a")], [new(Element("{}"), "nope")],
            [new(Element("""{"name":"1"}"""), "a"), new(Element("""{"name":"2"}"""), "b")]])
        {
            await Should.ThrowAsync<GraphException>(() => graph.UpdateStateAsync(
                new GraphRunOptions { Checkpointer = thread.Checkpointer },
                [[new NodeUpdate(Element("{}"), "a")], second],
                TestContext.Current.CancellationToken));
        }

        (await thread.HistoryAsync()).ShouldBeEmpty();
    }
}

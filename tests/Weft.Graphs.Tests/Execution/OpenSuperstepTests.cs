namespace Weft.Graphs.Tests.Execution;

/// <summary>
/// What stays open after a failure, a limit or a question, and how a thread goes on (docs/protocol/runs.md C7,
/// docs/protocol/engine.md G5 and G6).
/// </summary>
public sealed class OpenSuperstepTests
{
    private static readonly ListChannel<string> Trail = Channel.List<string>("trail");
    private static readonly LastValueChannel<string> Name = Channel.LastValue<string>("name");

    [Fact]
    public async Task A_run_that_pauses_returns_what_its_stream_showed_last()
    {
        var graph = TestGraphs.New("free")
            .AddNode("once", TestGraphs.Ask("once", "a?"))
            .AddNode("twice", TestGraphs.Ask("twice", "b?", "c?"))
            .AddEdge(StateGraph.Start, "free").AddEdge(StateGraph.Start, "once").AddEdge(StateGraph.Start, "twice").Compile();
        var thread = new ThreadUnderTest(graph);

        var result = await thread.RunAsync();

        result.TrailOf().ShouldBe(["free"]);
        thread.Of(StreamMode.Values).Last().ShouldStartWith("""{"count":0,"trail":["free"]""");
        (await thread.StateAsync()).TrailOf().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_superstep_of_many_tasks_that_failed_is_read_in_no_time()
    {
        const int Tasks = 40_000;
        var graph = TestGraphs.New().AddNode("many", _ => new StateUpdate().Set(TestGraphs.Name, "me"))
            .AddNode(
                "fan",
                _ => new Command { Goto = [.. Enumerable.Range(0, Tasks).Select(i => (Destination)Send.Of("many", i))] },
                new NodeOptions { Destinations = ["many"] })
            .AddEdge(StateGraph.Start, "fan").Compile();
        var thread = new ThreadUnderTest(graph) { Options = new() };
        await Should.ThrowAsync<InvalidUpdateException>(() => thread.RunAsync());

        var state = await thread.StateAsync().WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);

        state.Next.Count().ShouldBe(Tasks);
    }

    [Fact]
    public async Task A_run_that_is_cancelled_before_it_begins_leaves_what_it_had_kept()
    {
        var thread = new ThreadUnderTest(
            new StateGraph()
                .AddChannel(Trail)
                .AddNode("a", _ => new StateUpdate().Add(Trail, "a"))
                .AddEdge(StateGraph.Start, "a")
                .Compile());
        await Should.ThrowAsync<OperationCanceledException>(
            () => thread.RunAsync(ThreadUnderTest.Json("{}"), new CancellationToken(canceled: true)));
        await Should.NotThrowAsync(thread.ContinueAsync);
        (await thread.StateAsync()).Json().ShouldBeJson("""{"trail":["a"]}""");
    }

    [Fact]
    public async Task Two_writes_to_a_last_value_fail_the_run_and_leave_the_superstep_open()
    {
        var graph = new StateGraph().AddChannels(Name, Trail)
            .AddNode("p", _ => new StateUpdate().Set(Name, "p")).AddNode("q", _ => new StateUpdate().Set(Name, "q"))
            .AddEdge(StateGraph.Start, "p").AddEdge(StateGraph.Start, "q").Compile();
        var thread = new ThreadUnderTest(graph);
        (await Should.ThrowAsync<InvalidUpdateException>(() => thread.RunAsync())).Message.ShouldContain("only one value per step");
        (await thread.StateAsync()).Next.ShouldBe(["p", "q"]);
    }

    [Fact]
    public async Task New_input_abandons_what_failed()
    {
        var isBad = true;
        var graph = new StateGraph().AddChannel(Trail)
            .AddNode("a", _ => new StateUpdate().Add(Trail, "a"))
            .AddNode("b", _ => isBad ? throw new InvalidOperationException() : new StateUpdate().Add(Trail, "b"))
            .AddEdge(StateGraph.Start, "a").AddEdge("a", "b").Compile();
        var thread = new ThreadUnderTest(graph);
        await Should.ThrowAsync<NodeFailedException>(() => thread.RunAsync("""{"trail":["1"]}"""));
        isBad = false;
        (await thread.RunAsync("""{"trail":["2"]}""")).Values.Json().ShouldBeJson("""{"trail":["1","a","2","a","b"]}""");
    }

    [Fact]
    public async Task The_limit_of_supersteps_is_that_of_one_run()
    {
        var graph = new StateGraph()
            .AddChannel(Trail)
            .AddNode("on", _ => new StateUpdate().Add(Trail, "x"))
            .AddEdge(StateGraph.Start, "on")
            .AddEdge("on", "on")
            .Compile();
        var thread = new ThreadUnderTest(graph) { Options = new GraphRunOptions { RecursionLimit = 5 } };
        (await Should.ThrowAsync<GraphRecursionException>(() => thread.RunAsync())).Message.ShouldContain("Recursion limit of 5");
        var before = (await thread.StateAsync()).Checkpoint;
        await Should.ThrowAsync<GraphRecursionException>(thread.ContinueAsync);
        // As in LangGraph, the two supersteps that take in input are counted, also when there is none.
        (await thread.StateAsync()).Checkpoint.Step.ShouldBe(before.Step + 7);
    }

    [Fact]
    public async Task Without_input_and_checkpoint_there_is_nothing_to_do()
    {
        var thread = new ThreadUnderTest(new StateGraph().AddNode("a", _ => StateUpdate.None).AddEdge(StateGraph.Start, "a").Compile());
        await Should.ThrowAsync<EmptyInputException>(thread.ContinueAsync);
        thread.Options = thread.Options with { CheckpointId = "1ef00000-0000-6000-8000-000000000000" };
        await Should.ThrowAsync<CheckpointNotFoundException>(() => thread.RunAsync());
    }

    [Fact]
    public async Task Sends_to_one_node_ask_each_on_their_own()
    {
        var graph = new StateGraph().AddChannel(Trail).AddNode("plan", _ => StateUpdate.None)
            .AddNode("work", context => new StateUpdate().Add(Trail, $"{context.Input} {context.Interrupt(context.Input!.Value)}"))
            .AddEdge(StateGraph.Start, "plan")
            .AddConditionalEdges("plan", _ => [Send.Of("work", 1), Send.Of("work", 2)], ["work"])
            .Compile();
        var thread = new ThreadUnderTest(graph);
        var asked = (await thread.RunAsync()).Interrupts;
        asked.Select(interrupt => interrupt.Id).Distinct().Count().ShouldBe(2);
        var second = asked.Single(interrupt => interrupt.Value.GetInt32() == 2);
        await thread.ResumeAsync($$"""{"{{second.Id}}":"b"}""");
        (await thread.ResumeAsync("\"a\"")).Values.Get(Trail).ShouldBe(["1 a", "2 b"]);
    }

    [Fact]
    public async Task A_finished_sibling_is_shown_as_cached_and_not_run_again()
    {
        var runs = 0;
        var graph = new StateGraph().AddChannels(Trail, Name)
            .AddNode("plain", _ =>
            {
                runs++;
                return new StateUpdate().Set(Name, "plain");
            })
            .AddNode("ask", context => new StateUpdate().Add(Trail, context.Interrupt("?").GetString()!))
            .AddEdge(StateGraph.Start, "plain").AddEdge(StateGraph.Start, "ask").Compile();
        var thread = new ThreadUnderTest(graph);
        var result = await thread.RunAsync();
        thread.Of(StreamMode.Values)
            .Last()
            .ShouldBeJson($$"""{"trail":[],"name":"plain","__interrupt__":[{"id":"{{result.Interrupts[0].Id}}","value":"?"}]}""");
        await thread.ResumeAsync("\"yes\"");
        runs.ShouldBe(1);
        thread.Of(StreamMode.Updates).First().ShouldBeJson("""{"plain":{"name":"plain"},"__metadata__":{"cached":true}}""");
    }
}

namespace Weft.Graphs.Tests.Execution;

/// <summary>Failures and cancellation (protocol, sections C8, G6).</summary>
public sealed class FailureTests
{
    private static readonly ListChannel<string> Trail = Channel.List<string>("trail");
    private static readonly LastValueChannel<string> Name = Channel.LastValue<string>("name");

    [Fact]
    public async Task What_had_finished_is_kept_when_the_run_is_cancelled_and_runs_once()
    {
        using var stop = new CancellationTokenSource();
        var quick = 0;
        var slow = 0;
        var isWaiting = new TaskCompletionSource();
        var graph = new StateGraph().AddChannel(Trail)
            .AddNode("quick", _ =>
            {
                quick++;
                return new StateUpdate().Add(Trail, "quick");
            })
            .AddNode("slow", async (_, cancellationToken) =>
            {
                if (slow++ == 0)
                {
                    isWaiting.SetResult();
                    await Task.Delay(Timeout.Infinite, cancellationToken);
                }

                return new StateUpdate().Add(Trail, "slow");
            })
            .AddEdge(StateGraph.Start, "quick").AddEdge(StateGraph.Start, "slow").Compile();
        var quickIsIn = new TaskCompletionSource();
        var checkpointer = new TellingCheckpointer(quickIsIn);
        var thread = new ThreadUnderTest(graph) { Checkpointer = checkpointer };
        var run = thread.RunAsync(ThreadUnderTest.Json("{}"), stop.Token);
        await isWaiting.Task;
        await quickIsIn.Task;
        await stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(run);
        (await thread.StateAsync()).Next.ShouldBe(["quick", "slow"]);
        (await thread.ContinueAsync()).Values.Json().ShouldBeJson("""{"trail":["quick","slow"]}""");
        (quick, slow).ShouldBe((1, 2));
    }

    [Fact]
    public async Task A_run_that_is_cancelled_before_it_begins_leaves_what_it_had_kept()
    {
        var thread = new ThreadUnderTest(new StateGraph().AddChannel(Trail).AddNode("a", _ => new StateUpdate().Add(Trail, "a")).AddEdge(StateGraph.Start, "a").Compile());
        await Should.ThrowAsync<OperationCanceledException>(() => thread.RunAsync(ThreadUnderTest.Json("{}"), new CancellationToken(canceled: true)));
        await Should.NotThrowAsync(thread.ContinueAsync);
        (await thread.StateAsync()).Json().ShouldBeJson("""{"trail":["a"]}""");
    }

    [Fact]
    public async Task A_failure_stops_its_siblings_and_names_its_node()
    {
        var graph = new StateGraph().AddChannel(Trail)
            .AddNode("bad", _ => throw new InvalidOperationException("no luck"))
            .AddNode("slow", async (_, cancellationToken) =>
            {
                await Task.Delay(Timeout.Infinite, cancellationToken);
                return StateUpdate.None;
            })
            .AddEdge(StateGraph.Start, "bad").AddEdge(StateGraph.Start, "slow").Compile();
        var thread = new ThreadUnderTest(graph);
        var failure = await Should.ThrowAsync<NodeFailedException>(() => thread.RunAsync());
        (failure.Node, failure.Message, failure.InnerException).ShouldSatisfyAllConditions(
            it => it.Node.ShouldBe("bad"), it => it.Message.ShouldBe("no luck"), it => it.InnerException.ShouldBeOfType<InvalidOperationException>());
        var state = await thread.StateAsync();
        state.Next.ShouldBe(["bad", "slow"]);
        state.Errors.ShouldBe(["no luck"]);
    }

    [Fact]
    public async Task A_node_that_cancels_itself_has_failed()
    {
        var graph = new StateGraph().AddNode("bad", _ => throw new OperationCanceledException("timed out inside")).AddEdge(StateGraph.Start, "bad").Compile();
        (await Should.ThrowAsync<NodeFailedException>(() => new ThreadUnderTest(graph).RunAsync())).Message.ShouldBe("timed out inside");
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
        var graph = new StateGraph().AddChannel(Trail).AddNode("on", _ => new StateUpdate().Add(Trail, "x")).AddEdge(StateGraph.Start, "on").AddEdge("on", "on").Compile();
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

    /// <summary>Says when the outcome of a task is in.</summary>
    private sealed class TellingCheckpointer(TaskCompletionSource isIn) : ICheckpointer
    {
        private readonly InMemoryCheckpointer _inner = new();

        public ValueTask<CheckpointTuple?> FindAsync(ChannelSchema schema, string checkpointNamespace, string? checkpointId, CancellationToken cancellationToken) =>
            _inner.FindAsync(schema, checkpointNamespace, checkpointId, cancellationToken);

        public IAsyncEnumerable<CheckpointTuple> ReadAsync(ChannelSchema schema, string checkpointNamespace, string? before, CancellationToken cancellationToken) =>
            _inner.ReadAsync(schema, checkpointNamespace, before, cancellationToken);

        public Task PutAsync(Checkpoint checkpoint, CancellationToken cancellationToken) => _inner.PutAsync(checkpoint, cancellationToken);

        public async Task PutOutcomeAsync(Checkpoint checkpoint, TaskOutcome outcome, CancellationToken cancellationToken)
        {
            await _inner.PutOutcomeAsync(checkpoint, outcome, cancellationToken);
            isIn.TrySetResult();
        }
    }
}

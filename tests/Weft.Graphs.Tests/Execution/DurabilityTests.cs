namespace Weft.Graphs.Tests.Execution;

public sealed class DurabilityTests
{
    private static readonly ListChannel<string> Trail = Channel.List<string>("trail");

    [Fact]
    public async Task Sync_keeps_a_superstep_before_the_next_one_starts()
    {
        var (thread, checkpointer, started) = Line(Durability.Sync);
        var run = thread.RunAsync();
        // The input, the superstep that applies it, and the one of the first node.
        for (var i = 0; i < 3; i++)
        {
            var put = await checkpointer.NextAsync();
            started.ShouldBe(i < 2 ? [] : ["a"], $"while checkpoint {i} is put");
            run.IsCompleted.ShouldBeFalse();
            put.SetResult();
        }

        (await checkpointer.NextAsync()).SetResult();
        await run;
        started.ShouldBe(["a", "b"]);
    }

    [Fact]
    public async Task Async_goes_on_while_supersteps_are_kept_and_ends_when_all_are()
    {
        var (thread, checkpointer, started) = Line(Durability.Async);
        var run = thread.RunAsync();
        var puts = new List<TaskCompletionSource>();
        for (var i = 0; i < 4; i++)
        {
            puts.Add(await checkpointer.NextAsync());
        }

        started.ShouldBe(["a", "b"]);
        foreach (var put in puts)
        {
            run.IsCompleted.ShouldBeFalse();
            put.SetResult();
        }

        await run;
    }

    [Fact]
    public async Task Async_fails_the_run_when_a_superstep_cannot_be_kept()
    {
        var (thread, checkpointer, _) = Line(Durability.Async);
        var run = thread.RunAsync();
        (await checkpointer.NextAsync()).SetException(new IOException("full"));
        for (var i = 0; i < 3; i++)
        {
            (await checkpointer.NextAsync()).SetResult();
        }

        (await Should.ThrowAsync<IOException>(run)).Message.ShouldBe("full");
    }

    [Fact]
    public async Task Exit_keeps_the_last_superstep_of_each_run_and_links_them()
    {
        var thread = new ThreadUnderTest(Graph([])) { Options = new GraphRunOptions { Durability = Durability.Exit } };
        await thread.RunAsync("""{"trail":["1"]}""");
        await thread.RunAsync("""{"trail":["2"]}""");
        var history = await thread.HistoryAsync();
        history.Select(state => (state.Checkpoint.Step, state.Checkpoint.ParentId)).ShouldBe([(6, history[1].Checkpoint.Id), (2, null)]);
        history[0].Json().ShouldBeJson("""{"trail":["1","a","b","2","a","b"]}""");
    }

    [Fact]
    public async Task Exit_keeps_what_finished_when_the_run_pauses_or_fails()
    {
        var isDone = new TaskCompletionSource();
        var mood = "ask";
        var graph = new StateGraph().AddChannel(Trail)
            .AddNode("done", _ =>
            {
                isDone.TrySetResult();
                return new StateUpdate().Add(Trail, "done");
            })
            .AddNode("ask", async (context, cancellationToken) =>
            {
                await isDone.Task.WaitAsync(cancellationToken);
                return mood == "ask" || mood == "fail"
                    ? mood == "fail" ? throw new InvalidOperationException("no") : new StateUpdate().Add(Trail, context.Interrupt("?").GetString()!)
                    : new StateUpdate().Add(Trail, mood);
            })
            .AddEdge(StateGraph.Start, "done").AddEdge(StateGraph.Start, "ask").Compile();
        var thread = new ThreadUnderTest(graph) { Options = new GraphRunOptions { Durability = Durability.Exit } };
        await thread.RunAsync();
        (await thread.StateAsync()).Interrupts.Count().ShouldBe(1);
        mood = "fail";
        await Should.ThrowAsync<NodeFailedException>(() => thread.ResumeAsync("\"yes\""));
        (await thread.StateAsync()).Errors.ShouldBe(["no"]);
        mood = "well";
        (await thread.ContinueAsync()).Values.Json().ShouldBeJson("""{"trail":["well","done"]}""");
        (await thread.HistoryAsync()).Count.ShouldBe(2);
    }

    private static CompiledGraph Graph(List<string> started)
    {
        Func<NodeContext, NodeResult> Visit(string name) => _ =>
        {
            started.Add(name);
            return new StateUpdate().Add(Trail, name);
        };

        return new StateGraph().AddChannel(Trail).AddNode("a", Visit("a")).AddNode("b", Visit("b")).AddEdge(StateGraph.Start, "a").AddEdge("a", "b").Compile();
    }

    private static (ThreadUnderTest Thread, HeldCheckpointer Checkpointer, List<string> Started) Line(Durability durability)
    {
        var started = new List<string>();
        var checkpointer = new HeldCheckpointer();
        return (new ThreadUnderTest(Graph(started)) { Checkpointer = checkpointer, Options = new GraphRunOptions { Durability = durability } }, checkpointer, started);
    }

    /// <summary>Tells of each checkpoint that is put, and lets the put end when it is told to.</summary>
    private sealed class HeldCheckpointer : ICheckpointer
    {
        private readonly InMemoryCheckpointer _inner = new();
        private readonly System.Threading.Channels.Channel<TaskCompletionSource> _puts = System.Threading.Channels.Channel.CreateUnbounded<TaskCompletionSource>();

        public async Task<TaskCompletionSource> NextAsync() => await _puts.Reader.ReadAsync(TestContext.Current.CancellationToken);

        public ValueTask<CheckpointTuple?> FindAsync(ChannelSchema schema, string checkpointNamespace, string? checkpointId, CancellationToken cancellationToken) =>
            _inner.FindAsync(schema, checkpointNamespace, checkpointId, cancellationToken);

        public IAsyncEnumerable<CheckpointTuple> ReadAsync(ChannelSchema schema, string checkpointNamespace, string? before, CancellationToken cancellationToken) =>
            _inner.ReadAsync(schema, checkpointNamespace, before, cancellationToken);

        public async Task PutAsync(Checkpoint checkpoint, CancellationToken cancellationToken)
        {
            await _inner.PutAsync(checkpoint, cancellationToken);
            var put = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _puts.Writer.TryWrite(put);
            await put.Task;
        }

        public Task PutOutcomeAsync(Checkpoint checkpoint, TaskOutcome outcome, CancellationToken cancellationToken) => _inner.PutOutcomeAsync(checkpoint, outcome, cancellationToken);
    }
}

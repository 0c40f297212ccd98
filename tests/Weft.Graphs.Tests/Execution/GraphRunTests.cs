using static Weft.Graphs.Tests.TestGraphs;

namespace Weft.Graphs.Tests.Execution;

public sealed class GraphRunTests
{
    [Fact]
    public async Task A_graph_runs_without_a_checkpointer_and_leaves_nothing()
    {
        var result = await Line("a", "b")
            .RunAsync(ThreadUnderTest.Json("""{"name":"x"}"""), cancellationToken: TestContext.Current.CancellationToken);
        result.TrailOf().ShouldBe(["a", "b"]);
        result.Head.ShouldBeNull();
    }

    [Fact]
    public async Task A_send_brings_its_own_state()
    {
        var seen = new List<string>();
        var thread = new ThreadUnderTest(New()
            .AddNode(
                "plan",
                _ => new Command
                {
                    Update = new StateUpdate().Set(Name, "state"),
                    Goto = [Send.Of("work", new { name = "own" }), Send.Of("work", 5)],
                },
                new NodeOptions { Destinations = ["work"] })
            .AddNode("work", context =>
            {
                lock (seen)
                {
                    seen.Add($"{context.Get(Name)} {context.Input}");
                }

                return (StateUpdate?)null;
            })
            .Chain("plan").Compile());
        await thread.RunAsync();
        seen.Order().ShouldBe([" 5", """own {"name":"own"}"""]);
    }

    [Fact]
    public async Task A_send_and_an_input_bring_values_for_channels_by_their_names_as_declared()
    {
        var name = Channel.LastValue<string>("Name");
        var place = Channel.LastValue<Place>("Place");
        var seen = Channel.List<string>("seen");
        NodeResult See(NodeContext context) =>
            new StateUpdate().Add(seen, $"{context.Get(name)} {context.Get(place)?.Street} {context.Input?.GetProperty("Name")}");
        var inside = new StateGraph().AddChannels(name, place, seen).AddNode("see", See).AddEdge(StateGraph.Start, "see").Compile();
        var graph = new StateGraph()
            .AddChannels(name, place, seen)
            .AddNode("see", See)
            .AddNode("inside", inside)
            .AddConditionalEdges(
                StateGraph.Start,
                _ => (Destination[])
                [
                    "see",
                    Send.Of("see", new { Name = "sent", Place = new Place("Mill Lane") }),
                    Send.Of("inside", new { Name = "deep", Place = new Place("High Street") }),
                ],
                ["see", "inside"])
            .Compile();

        var done = await graph.RunAsync(
            GraphInput.Of(new { Name = "given", Place = new Place("Dock Road") }),
            cancellationToken: TestContext.Current.CancellationToken);

        done.Values.Get(seen).ShouldBe(["given Dock Road ", "sent Mill Lane sent", "deep High Street "], ignoreOrder: true);
    }

    private sealed record Place(string Street);

    [Fact]
    public async Task A_join_that_names_a_source_twice_or_is_added_twice_waits_for_each_once()
    {
        var thread = new ThreadUnderTest(New("a", "b", "c").AddEdge(StateGraph.Start, "a").AddEdge(StateGraph.Start, "b")
            .AddEdge(["a", "b", "a"], "c").AddEdge(["a", "b", "a"], "c").Compile());
        (await thread.RunAsync()).TrailOf().ShouldBe(["a", "b", "c"]);
        (await thread.RunAsync()).TrailOf().ShouldBe(["a", "b", "c", "a", "b", "c"]);
    }

    [Fact]
    public async Task A_join_waits_for_sources_of_different_supersteps()
    {
        var thread = new ThreadUnderTest(New("a", "slow", "slower", "end").AddEdge(StateGraph.Start, "a").AddEdge(StateGraph.Start, "slow").AddEdge("slow", "slower")
            .AddEdge(["a", "slower"], "end").Compile());
        (await thread.RunAsync()).TrailOf().ShouldBe(["a", "slow", "slower", "end"]);
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(3, true)]
    public async Task The_limit_counts_the_superstep_that_finds_nothing_left(int limit, bool suffices)
    {
        var thread = new ThreadUnderTest(Line("a", "b"));
        thread.Options = thread.Options with { RecursionLimit = limit };
        if (suffices)
        {
            await thread.RunAsync();
        }
        else
        {
            (await Should.ThrowAsync<GraphRecursionException>(() => thread.RunAsync()))
                .Message.ShouldContain($"Recursion limit of {limit} reached without hitting a stop condition");
            (await thread.ContinueAsync()).TrailOf().ShouldBe(["a", "b"]);
        }
    }

    [Fact]
    public async Task A_run_without_a_limit_goes_on_from_any_step()
    {
        var thread = new ThreadUnderTest(Line("a"));
        thread.Options = thread.Options with { RecursionLimit = int.MaxValue };
        await thread.RunAsync();
        (await thread.RunAsync()).TrailOf().ShouldBe(["a", "a"]);
    }

    [Fact]
    public async Task A_breakpoint_pauses_without_a_question_and_continue_steps_over_it()
    {
        var thread = new ThreadUnderTest(Line("a", "b"));
        thread.Options = thread.Options with { InterruptBefore = NodeSelection.All };
        var paused = await thread.RunAsync();
        (paused.IsPaused, paused.Interrupts.Count).ShouldBe((true, 0));
        (await thread.ContinueAsync()).TrailOf().ShouldBe(["a"]);
        (await thread.ContinueAsync()).IsPaused.ShouldBeFalse();
    }

    [Fact]
    public async Task Breakpoints_of_graph_and_run_both_pause()
    {
        var thread = new ThreadUnderTest(
            New("a", "b", "c").Chain("a", "b", "c").Compile(new CompileOptions { InterruptAfter = NodeSelection.Of("a") }));
        thread.Options = thread.Options with { InterruptAfter = NodeSelection.Of("b") };
        (await thread.RunAsync()).TrailOf().ShouldBe(["a"]);
        (await thread.ContinueAsync()).TrailOf().ShouldBe(["a", "b"]);
        (await thread.ContinueAsync()).IsPaused.ShouldBeFalse();
    }

    [Fact]
    public async Task Cancelling_keeps_supersteps_and_siblings_that_finished()
    {
        using var stop = new CancellationTokenSource();
        var outcomes = 0;
        var thread = new ThreadUnderTest(New("a", "quick")
            .AddNode("slow", async (_, cancellationToken) =>
            {
                // The run may be cancelled before this node begins.
                if (cancellationToken.IsCancellationRequested || !stop.IsCancellationRequested)
                {
                    await Task.Delay(Timeout.Infinite, cancellationToken);
                }

                return new StateUpdate().Add(Trail, "slow");
            })
            .Chain("a").AddEdge("a", "quick").AddEdge("a", "slow").Compile())
        {
            Checkpointer = new RecordingCheckpointer
            {
                OnOutcome = _ =>
                {
                    outcomes++;
                    stop.Cancel();
                },
            },
        };
        await Should.ThrowAsync<OperationCanceledException>(() => thread.RunAsync(ThreadUnderTest.Json("{}"), stop.Token));
        outcomes.ShouldBe(1);
        (await thread.StateAsync()).TrailOf().ShouldBe(["a"]);
        (await thread.StateAsync()).Next.ShouldBe(["quick", "slow"]);
        (await thread.ContinueAsync()).TrailOf().ShouldBe(["a", "quick", "slow"]);
    }

    [Fact]
    public async Task A_node_that_gives_up_by_itself_fails_the_run()
    {
        var thread = new ThreadUnderTest(New().AddNode("a", _ => throw new OperationCanceledException("own")).Chain("a").Compile());
        (await Should.ThrowAsync<NodeFailedException>(() => thread.RunAsync())).Message.ShouldBe("own");
    }

    [Fact]
    public async Task A_failure_cancels_its_siblings()
    {
        var cancelled = false;
        var isWaiting = new TaskCompletionSource();
        var thread = new ThreadUnderTest(New()
            .AddNode("bad", async (_, cancellationToken) =>
            {
                await isWaiting.Task.WaitAsync(cancellationToken);
                throw new InvalidOperationException("boom");
            })
            .AddNode("waits", async (_, cancellationToken) =>
            {
                try
                {
                    isWaiting.SetResult();
                    await Task.Delay(Timeout.Infinite, cancellationToken);
                }
                finally
                {
                    cancelled = true;
                }

                return (StateUpdate?)null;
            })
            .AddEdge(StateGraph.Start, "bad").AddEdge(StateGraph.Start, "waits").Compile());
        (await Should.ThrowAsync<NodeFailedException>(() => thread.RunAsync())).Node.ShouldBe("bad");
        cancelled.ShouldBeTrue();
        (await thread.StateAsync()).Errors.ShouldBe(["boom"]);
    }

    [Fact]
    public async Task The_history_tells_what_each_task_wrote()
    {
        var thread = new ThreadUnderTest(Line("a", "b"));
        await thread.RunAsync("""{"name":"x"}""");
        var history = await thread.HistoryAsync();
        history.Select(state => state.Checkpoint.Step).ShouldBe([2, 1, 0, -1]);
        history.Select(state => string.Join(',', state.Next)).ShouldBe(["", "b", "a", StateGraph.Start]);
        Element(history[1].Tasks())[0].GetProperty("result").GetRawText().ShouldBe("""{"trail":["b"]}""");
        Element(history[3].Tasks())[0].GetProperty("result").GetRawText().ShouldBe("""{"name":"x"}""");
        Element(history[1].Checkpoint.Metadata).GetRawText().ShouldBe("""{"source":"loop","step":1,"parents":{}}""");
    }

    [Fact]
    public async Task Task_ids_are_the_same_whenever_a_checkpoint_is_read()
    {
        var thread = new ThreadUnderTest(New().AddNode("ask", Ask("ask", "ok?")).Chain("ask").Compile());
        await thread.RunAsync();
        var first = (await thread.StateAsync()).Tasks();
        (await thread.StateAsync()).Tasks().ShouldBe(first);
        await thread.ContinueAsync();
        (await thread.StateAsync()).Tasks().ShouldBe(first);
    }
}

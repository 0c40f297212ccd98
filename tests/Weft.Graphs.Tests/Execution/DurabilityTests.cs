using static Weft.Graphs.Tests.TestGraphs;

namespace Weft.Graphs.Tests.Execution;

public sealed class DurabilityTests
{
    [Fact]
    public async Task Sync_keeps_a_checkpoint_before_the_next_superstep_starts()
    {
        var kept = new List<int>();
        var checkpointer = new RecordingCheckpointer
        {
            OnPut = async checkpoint =>
            {
                await Task.Yield();
                kept.Add(checkpoint.Step);
            },
        };
        var seen = new List<string>();
        NodeResult Note(NodeContext context)
        {
            seen.Add(string.Join(',', kept));
            return (StateUpdate?)null;
        }

        var thread = new ThreadUnderTest(New().AddNode("a", Note).AddNode("b", Note).Chain("a", "b").Compile())
        {
            Checkpointer = checkpointer,
        };
        thread.Options = thread.Options with { Durability = Durability.Sync };
        await thread.RunAsync();
        seen.ShouldBe(["-1,0", "-1,0,1"]);
    }

    [Fact]
    public async Task Async_runs_on_while_checkpoints_are_kept_and_waits_for_them_at_the_end()
    {
        var nodesAreDone = new TaskCompletionSource();
        var checkpointer = new RecordingCheckpointer { OnPut = _ => nodesAreDone.Task };
        var thread = new ThreadUnderTest(New("a").AddNode("b", _ =>
        {
            nodesAreDone.SetResult();
            return new StateUpdate().Add(Trail, "b");
        }).Chain("a", "b").Compile())
        { Checkpointer = checkpointer };
        await thread.RunAsync();
        (await thread.StateAsync()).TrailOf().ShouldBe(["a", "b"]);
        checkpointer.Put.Select(checkpoint => checkpoint.Step).ShouldBe([-1, 0, 1, 2]);
    }

    [Fact]
    public async Task A_run_whose_checkpoint_could_not_be_kept_ends_when_nothing_is_being_kept_any_more()
    {
        var kept = new List<int>();
        var checkpointer = new RecordingCheckpointer
        {
            OnPut = async checkpoint =>
            {
                if (checkpoint.Step == 0)
                {
                    throw new IOException("The disk is full.");
                }

                await Task.Delay(20);
                lock (kept)
                {
                    kept.Add(checkpoint.Step);
                }
            },
        };
        var thread = new ThreadUnderTest(Line("a", "b")) { Checkpointer = checkpointer };

        await Should.ThrowAsync<IOException>(() => thread.RunAsync());

        kept.Order().ShouldBe([-1, 1, 2]);
    }

    [Fact]
    public async Task Exit_keeps_only_the_last_checkpoint()
    {
        var checkpointer = new RecordingCheckpointer();
        var thread = new ThreadUnderTest(Line("a", "b")) { Checkpointer = checkpointer };
        thread.Options = thread.Options with { Durability = Durability.Exit };
        await thread.RunAsync();
        await thread.RunAsync();
        checkpointer.Put.Select(checkpoint => checkpoint.Step).ShouldBe([2, 6]);
        checkpointer.Put[1].ParentId.ShouldBe(checkpointer.Put[0].Id);
        (await thread.StateAsync()).TrailOf().ShouldBe(["a", "b", "a", "b"]);
    }

    [Fact]
    public async Task Exit_keeps_a_pause_with_its_questions_and_finished_siblings()
    {
        var runs = 0;
        var thread = new ThreadUnderTest(New().AddNode("ask", Ask("ask", "ok?")).AddNode("once", _ => new StateUpdate().Set(Count, Interlocked.Increment(ref runs)))
            .AddEdge(StateGraph.Start, "ask").AddEdge(StateGraph.Start, "once").Compile());
        thread.Options = thread.Options with { Durability = Durability.Exit };
        await thread.RunAsync();
        (await thread.StateAsync()).Interrupts.ShouldHaveSingleItem();
        (await thread.HistoryAsync()).Count.ShouldBe(1);
        (await thread.ResumeAsync("1")).Values.Get(Count).ShouldBe(1);
        runs.ShouldBe(1);
    }

    [Fact]
    public async Task Exit_keeps_the_last_superstep_before_a_failure()
    {
        var thread = new ThreadUnderTest(
            New("a").AddNode("bad", _ => throw new InvalidOperationException("boom")).Chain("a", "bad").Compile());
        thread.Options = thread.Options with { Durability = Durability.Exit };
        await Should.ThrowAsync<NodeFailedException>(() => thread.RunAsync());
        var state = await thread.StateAsync();
        state.TrailOf().ShouldBe(["a"]);
        state.Next.ShouldBe(["bad"]);
        state.Errors.ShouldBe(["boom"]);
    }

    [Theory]
    [InlineData(Durability.Sync)]
    [InlineData(Durability.Async)]
    [InlineData(Durability.Exit)]
    public async Task A_checkpoint_that_can_not_be_kept_fails_the_run(Durability durability)
    {
        var checkpointer = new RecordingCheckpointer { OnPut = _ => Task.FromException(new IOException("disk full")) };
        var thread = new ThreadUnderTest(Line("a")) { Checkpointer = checkpointer };
        thread.Options = thread.Options with { Durability = durability };
        (await Should.ThrowAsync<IOException>(() => thread.RunAsync())).Message.ShouldBe("disk full");
    }
}

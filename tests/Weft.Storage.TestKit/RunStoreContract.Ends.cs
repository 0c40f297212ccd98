using System.Text;
using System.Text.RegularExpressions;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Storage.TestKit;

/// <summary>Ends and removals.</summary>
public abstract partial class RunStoreContract
{
    [Fact]
    public async Task The_end_of_a_run_is_stored_with_its_thread_and_its_last_events()
    {
        var thread = await AddThreadAsync();
        var attempt = await StartRunAsync(thread.ThreadId);

        var finished = await Storage.Runs.FinishAsync(
            Finish(attempt) with
            {
                Status = RunStatus.Error,
                Error = "broken",
                Thread = new ThreadOutcome(ThreadStatus.Error, Error: "broken", Preview: """{"title":"ü"}"""),
                StreamEvents = [NewStreamEvent(0), NewStreamEvent(1)],
            },
            Token);

        finished.ShouldBeTrue();
        var run = await FindAsync(attempt.RunId);
        (run.Status, run.Error, run.UpdatedAt).ShouldBe((RunStatus.Error, "broken", At(9)));
        var after = await Storage.Threads.FindAsync(Alice, thread.ThreadId, Token);
        (after!.Status, after.Error, after.UpdatedAt, after.StateUpdatedAt).ShouldBe((ThreadStatus.Error, "broken", At(9), At(9)));
        (await Storage.StreamEvents.ReadAsync(attempt.Run, -1, 9, Token)).Select(entry => entry.FirstSeq).ShouldBe([0, 1]);
    }

    [Fact]
    public async Task An_end_in_the_name_of_an_old_attempt_changes_nothing()
    {
        var thread = await AddThreadAsync();
        var attempt = await StartRunAsync(thread.ThreadId);
        await Storage.Runs.TryStartAsync(attempt with { Attempt = 2 }, At(2), Token);
        var before = await Storage.Threads.FindAsync(Alice, thread.ThreadId, Token);
        var finish = Finish(attempt) with { StreamEvents = [NewStreamEvent(0)] };

        (await Storage.Runs.FinishAsync(finish, Token)).ShouldBeFalse();
        (await Storage.Runs.FinishAsync(finish with { Attempt = null }, Token)).ShouldBeFalse();
        (await Storage.Runs.FinishAsync(finish with { DeleteThread = true }, Token)).ShouldBeFalse();

        (await FindAsync(attempt.RunId)).Status.ShouldBe(RunStatus.Running);
        (await Storage.Threads.FindAsync(Alice, thread.ThreadId, Token)).ShouldBeSame(before);
        (await MessagesAsync(thread.ThreadId, attempt.RunId)).ShouldBeEmpty();
        (await Storage.StreamEvents.ReadAsync(attempt.Run, -1, 9, Token)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Headers_of_a_run_are_kept_until_it_ends(bool starts)
    {
        var thread = await AddThreadAsync();
        var run = NewRun(thread.ThreadId) with { Headers = """{"x-team":"blue"}""" };
        await Storage.Runs.CreateAsync(Creation(run), Token);
        if (starts)
        {
            await Storage.Runs.TryStartAsync(FirstOf(run), At(1), Token);
        }

        (await UnfinishedAsync()).ShouldHaveSingleItem().Headers.ShouldBeJson(run.Headers);

        var finish = Finish(FirstOf(run));
        (await Storage.Runs.FinishAsync(starts ? finish : finish with { Attempt = null }, Token)).ShouldBeTrue();

        (await Storage.Runs.FindAsync(Alice, run.RunId, Token))!.Headers.ShouldBeNull();
    }

    [Fact]
    public async Task A_run_that_never_started_ends_without_an_attempt_and_only_once()
    {
        var thread = await AddThreadAsync();
        var run = await AddRunAsync(thread.ThreadId);
        var before = await Storage.Threads.FindAsync(Alice, thread.ThreadId, Token);
        var finish = Finish(FirstOf(run)) with { Attempt = null, Status = RunStatus.Interrupted, Thread = null };

        (await Storage.Runs.FinishAsync(finish with { Attempt = 0 }, Token)).ShouldBeFalse();
        (await Storage.Runs.FinishAsync(finish, Token)).ShouldBeTrue();
        (await Storage.Runs.FinishAsync(finish with { Now = At(10) }, Token)).ShouldBeFalse();

        (await FindAsync(run.RunId)).Status.ShouldBe(RunStatus.Interrupted);
        (await Storage.Threads.FindAsync(Alice, thread.ThreadId, Token)).ShouldBeSame(before! with { Version = before.Version + 1 });
        (await Storage.Runs.TryStartAsync(FirstOf(run), At(9), Token)).ShouldBeNull();
    }

    [Theory]
    [InlineData("""{"input":{"messages":["L1","short","L2"],"n":1},"config":{"x":"L3"}}""", """{"in":[["messages",["L1","short","L2"]]]}""")]
    [InlineData("""{"input":{"messages":["L2","L1"]}}""", """["L1","L2"]""")]
    [InlineData("""{"input":{"messages":["L1","L1"]}}""", """["L1"]""")]
    [InlineData("""{"input":"L1"}""", "\"L1\"")]
    [InlineData("""{"input":["L1","L2","L3","L4","L5","L6"]}""", """["L6"]""")]
    [InlineData("""{"input":null}""", """["L1"]""")]
    public async Task What_a_run_was_given_is_what_it_was_when_the_checkpoint_that_took_it_in_has_it_too(string kwargs, string body)
    {
        static string Long(string word) => string.Concat(Enumerable.Repeat(word + "ü", 40));
        static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(Regex.Replace(text, "L[0-9]", word => Long(word.Value)));

        static IEnumerable<SharedPiece> PiecesOf(string kwargs, byte[] json, byte[] body)
        {
            var at = 0;
            foreach (var word in Regex.Matches(kwargs, "L[0-9]").Select(match => Encoding.UTF8.GetBytes(Long(match.Value))))
            {
                at += json.AsSpan(at).IndexOf(word);
                if (body.AsSpan().IndexOf(word) is >= 0 and var start)
                {
                    yield return new SharedPiece(at, start, word.Length);
                }

                at += word.Length;
            }
        }

        var thread = await AddThreadAsync();
        var run = NewRun(thread.ThreadId) with { Kwargs = Utf8(kwargs) };
        await Storage.Runs.CreateAsync(Creation(run), Token);
        await Storage.Runs.TryStartAsync(FirstOf(run), At(1), Token);
        var attempt = FirstOf(run);
        var checkpoint = NewCheckpoint(thread.ThreadId, 1, run.RunId, source: "input") with { Body = Utf8(body) };
        await Storage.Checkpoints.PutAsync(attempt, checkpoint, [], Token);

        var pieces = PiecesOf(kwargs, Utf8(kwargs), Utf8(body)).ToList();
        var input = pieces.Count == 0 ? null : new TakenInput(checkpoint.CheckpointId, run.Kwargs, pieces);
        (await Storage.Runs.FinishAsync(Finish(attempt) with { Input = input }, Token)).ShouldBeTrue();

        async Task ShouldBeWhatItWasAsync()
        {
            (await Storage.Runs.FindAsync(Alice, run.RunId, Token))!.Kwargs.ToArray().ShouldBe(Utf8(kwargs));
            (await Storage.Runs.SearchAsync(Alice, thread.ThreadId, null, 9, 0, Token))
                .ShouldHaveSingleItem()
                .Kwargs.ToArray()
                .ShouldBe(Utf8(kwargs));
        }

        await ShouldBeWhatItWasAsync();
        await PruneAsync(thread, checkpoint with { Body = new byte[] { 1 } });
        await ShouldBeWhatItWasAsync();
        await PruneAsync(thread);
        await ShouldBeWhatItWasAsync();
    }

    [Fact]
    public async Task What_a_run_was_given_is_kept_when_the_checkpoint_that_took_it_in_is_not_stored()
    {
        var thread = await AddThreadAsync();
        var attempt = await StartRunAsync(thread.ThreadId);
        var kwargs = (await FindAsync(attempt.RunId)).Kwargs;

        var input = new TakenInput(IdOf(1), kwargs, [new SharedPiece(0, 0, kwargs.Length)]);
        (await Storage.Runs.FinishAsync(Finish(attempt) with { Input = input }, Token)).ShouldBeTrue();

        (await FindAsync(attempt.RunId)).Kwargs.ToArray().ShouldBe(kwargs.ToArray());
        (await FindAsync(attempt.RunId)).Status.ShouldBe(RunStatus.Success);
    }

    [Fact]
    public async Task The_end_of_a_run_can_take_its_thread_along()
    {
        var thread = NewThread();
        var run = NewRun(thread.ThreadId);
        await Storage.Runs.CreateAsync(Creation(run, thread), Token);
        await Storage.Runs.TryStartAsync(FirstOf(run), At(1), Token);
        var attempt = FirstOf(run);
        await Storage.Checkpoints.PutAsync(attempt, NewCheckpoint(thread.ThreadId, 1, run.RunId), [NewMessage(run.RunId, "1")], Token);
        await Storage.StreamEvents.AppendAsync(attempt, [NewStreamEvent(0)], Token);

        (await Storage.Runs.FinishAsync(Finish(attempt) with { DeleteThread = true }, Token)).ShouldBeTrue();

        (await Storage.Threads.FindAsync(Alice, thread.ThreadId, Token)).ShouldBeNull();
        (await Storage.Runs.FindAsync(Alice, run.RunId, Token)).ShouldBeNull();
        (await RangeAsync(thread.ThreadId, "", 0, 9)).ShouldBeEmpty();
        (await MessagesAsync(thread.ThreadId, run.RunId)).ShouldBeEmpty();
        (await Storage.StreamEvents.ReadAsync(run.Key, -1, 9, Token)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Deleting_a_run_rolls_back_all_that_it_left()
    {
        var thread = await AddThreadAsync();
        var first = await StartRunAsync(thread.ThreadId);
        await Storage.Checkpoints.PutAsync(first, NewCheckpoint(thread.ThreadId, 1, first.RunId), [NewMessage(first.RunId, "1")], Token);
        await Storage.Runs.FinishAsync(Finish(first), Token);
        var second = await StartRunAsync(thread.ThreadId);
        await Storage.Checkpoints.PutAsync(
            second,
            NewCheckpoint(thread.ThreadId, 2, second.RunId, 1),
            [NewMessage(second.RunId, "2"), NewMessage(second.RunId, "3")],
            Token);
        await Storage.Checkpoints.PutOutcomeAsync(second, new TaskOutcomeRecord("", IdOf(2), "t", new byte[] { 1 }), Token);
        await Storage.StreamEvents.AppendAsync(second, [NewStreamEvent(0)], Token);

        (await Storage.Runs.DeleteAsync(second.Run with { ThreadId = NewThreadId() }, 1, null, null, At(7), Token)).ShouldBe(WriteResult.Missing);
        (await Storage.Runs.DeleteAsync(second.Run, null, null, null, At(7), Token)).ShouldBe(WriteResult.Busy);
        (await Storage.Runs.DeleteAsync(second.Run, 2, null, null, At(7), Token)).ShouldBe(WriteResult.Busy);
        (await Storage.Runs.DeleteAsync(second.Run, 1, new ThreadOutcome(ThreadStatus.Interrupted), null, At(7), Token))
            .ShouldBe(WriteResult.Applied);
        (await Storage.Runs.DeleteAsync(second.Run, null, null, null, At(8), Token)).ShouldBe(WriteResult.Missing);

        (await Storage.Runs.FindAsync(Alice, second.RunId, Token)).ShouldBeNull();
        (await Storage.Checkpoints.FindAsync(thread.ThreadId, "", null, Token))!.CheckpointId.ShouldBe(IdOf(1));
        (await RangeAsync(thread.ThreadId, "", 1, 9)).Select(checkpoint => checkpoint.Ordinal).ShouldBe([1]);
        (await ListOutcomesAsync(thread.ThreadId, "", IdOf(2))).ShouldBeEmpty();
        (await MessagesAsync(thread.ThreadId, first.RunId)).Count.ShouldBe(1);
        (await MessagesAsync(thread.ThreadId, second.RunId)).ShouldBeEmpty();
        (await Storage.StreamEvents.ReadAsync(second.Run, -1, 9, Token)).ShouldBeEmpty();
        var after = await Storage.Threads.FindAsync(Alice, thread.ThreadId, Token);
        (after!.Status, after.UpdatedAt).ShouldBe((ThreadStatus.Interrupted, At(7)));
        await Should.ThrowAsync<StaleAttemptException>(
            Storage.Checkpoints.PutAsync(second, NewCheckpoint(thread.ThreadId, 2, second.RunId), [], Token));
    }

    [Fact]
    public async Task The_usage_of_a_run_is_stored_with_its_end_and_summed_by_thread()
    {
        var (thread, other) = (await AddThreadAsync(), await AddThreadAsync());
        var usage = UsageByModel.None.Plus("large", new TokenUsage(10, 2, 12, 4, 1)).Plus(null, new TokenUsage(1, 1, 2, 0, 0));
        var small = UsageByModel.None.Plus("small \"1\"", new TokenUsage(5, 5, 10, 0, 0));
        var attempt = await StartRunAsync(thread.ThreadId);
        (await Storage.Runs.FindAsync(Alice, attempt.RunId, Token)).ShouldNotBeNull().Usage.ShouldBeNull();
        (await Storage.Runs.FinishAsync(Finish(attempt) with { Usage = usage }, Token)).ShouldBeTrue();
        (await Storage.Runs.FinishAsync(Finish(await StartRunAsync(thread.ThreadId)), Token)).ShouldBeTrue();
        (await Storage.Runs.FinishAsync(Finish(await StartRunAsync(thread.ThreadId)) with { Usage = usage }, Token)).ShouldBeTrue();
        (await Storage.Runs.FinishAsync(Finish(await StartRunAsync(thread.ThreadId)) with { Usage = small }, Token)).ShouldBeTrue();
        (await Storage.Runs.FinishAsync(Finish(await StartRunAsync(other.ThreadId)) with { Usage = usage }, Token)).ShouldBeTrue();
        await Storage.CloseAsync();

        (await Storage.Runs.FindAsync(Alice, attempt.RunId, Token)).ShouldNotBeNull().Usage.ShouldBe(usage);
        (await Storage.Runs.SumUsageAsync(Alice, thread.ThreadId, Token)).ShouldBe(new ThreadUsage(3, usage.Plus(usage).Plus(small)));
        (await Storage.Runs.SumUsageAsync(Bob, thread.ThreadId, Token)).ShouldBe(new ThreadUsage(0, UsageByModel.None));
        (await Storage.Runs.SumUsageAsync(Alice, NewThreadId(), Token)).ShouldBe(new ThreadUsage(0, UsageByModel.None));
    }

    [Fact]
    public async Task Sums_of_usage_do_not_overflow()
    {
        var thread = await AddThreadAsync();
        foreach (var input in (long[])[long.MaxValue, long.MaxValue, 1])
        {
            var finish = Finish(await StartRunAsync(thread.ThreadId)) with { Usage = UsageByModel.None.Plus("m", new TokenUsage(input, 0, input, 0, 0)) };
            (await Storage.Runs.FinishAsync(finish, Token)).ShouldBeTrue();
        }

        (await Storage.Runs.SumUsageAsync(Alice, thread.ThreadId, Token)).ShouldBe(
            new ThreadUsage(3, UsageByModel.None.Plus("m", new TokenUsage(long.MaxValue, 0, long.MaxValue, 0, 0))));
    }
}

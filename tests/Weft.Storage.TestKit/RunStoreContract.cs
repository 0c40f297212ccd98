using System.Text;
using System.Text.RegularExpressions;
using Weft.Runs;

namespace Weft.Storage.TestKit;

/// <summary>What every <see cref="IRunStore"/> promises.</summary>
public abstract class RunStoreContract(StorageUnderTest storage) : StoreContract(storage)
{
    [Fact]
    public async Task A_run_is_found_as_it_was_added()
    {
        var thread = await AddThreadAsync();
        var run = NewRun(thread.ThreadId) with { Kwargs = Encoding.UTF8.GetBytes(new string('ü', 20_000)), NotBefore = At(60), Error = "later" };

        (await Storage.Runs.CreateAsync(Creation(run), Token)).ShouldBe(RunCreated.Created);

        (await FindAsync(run.RunId)).ShouldBeSame(run);
        (await Storage.Runs.FindAsync(Bob, run.RunId, Token)).ShouldBeNull();
    }

    [Fact]
    public async Task A_run_makes_its_thread_busy_and_adds_to_its_metadata()
    {
        var thread = NewThread() with { Metadata = """{"a":1}""", StateUpdatedAt = At(0.5) };
        await Storage.Threads.TryCreateAsync(thread, Token);

        var change = new MetadataChange(thread.Metadata, """{"a":1,"graph_id":"g"}""");
        var creation = Creation(NewRun(thread.ThreadId, 3)) with { ThreadMetadata = change, GraphConfig = """{"tags":[]}""" };
        (await Storage.Runs.CreateAsync(creation with { ThreadMetadata = change with { From = "{}" } }, Token)).ShouldBe(RunCreated.ThreadChanged);
        (await Storage.Threads.FindAsync(Alice, thread.ThreadId, Token)).ShouldBeSame(thread);
        (await Storage.Runs.CreateAsync(creation, Token)).ShouldBe(RunCreated.Created);

        (await Storage.Threads.FindAsync(Alice, thread.ThreadId, Token)).ShouldBeSame(
            thread with { Version = thread.Version + 1, Status = ThreadStatus.Busy, Metadata = change.To, GraphConfig = """{"tags":[]}""", UpdatedAt = At(3) });
    }

    [Fact]
    public async Task A_run_brings_its_thread_along_where_that_is_absent()
    {
        var thread = NewThread() with { Metadata = """{"a":1}""" };
        var creation = Creation(NewRun(thread.ThreadId, 3), thread) with { GraphConfig = """{"tags":[]}""" };

        (await Storage.Runs.CreateAsync(creation, Token)).ShouldBe(RunCreated.Created);

        (await Storage.Threads.FindAsync(Alice, thread.ThreadId, Token)).ShouldBeSame(
            thread with { Version = 1, Status = ThreadStatus.Busy, GraphConfig = """{"tags":[]}""", UpdatedAt = At(3) });
    }

    [Fact]
    public async Task A_run_that_brings_a_thread_along_which_exists_is_refused()
    {
        var thread = NewThread() with { Metadata = """{"a":1}""" };
        await Storage.Threads.TryCreateAsync(thread, Token);

        (await Storage.Runs.CreateAsync(Creation(NewRun(thread.ThreadId, 3), thread with { Metadata = """{"b":2}""", CreatedAt = At(3) }), Token)).ShouldBe(RunCreated.ThreadChanged);

        (await Storage.Threads.FindAsync(Alice, thread.ThreadId, Token)).ShouldBeSame(thread);
        (await UnfinishedAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_run_on_no_thread_or_on_that_of_another_is_refused()
    {
        var thread = await AddThreadAsync(Alice);
        var run = NewRun(thread.ThreadId);

        (await Storage.Runs.CreateAsync(Creation(run, actor: Bob), Token)).ShouldBe(RunCreated.ThreadMissing);
        (await Storage.Runs.CreateAsync(Creation(run, thread with { Owner = Bob.Id }, Bob), Token)).ShouldBe(RunCreated.ThreadMissing);
        (await Storage.Runs.CreateAsync(Creation(NewRun(NewThreadId())), Token)).ShouldBe(RunCreated.ThreadMissing);

        (await Storage.Threads.FindAsync(Alice, thread.ThreadId, Token)).ShouldBeSame(thread);
        (await UnfinishedAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Runs_are_added_together_or_not_at_all()
    {
        var (first, second, other) = (NewThread(), NewThread(), await AddThreadAsync(Bob));

        await Should.ThrowAsync<InvalidOperationException>(Storage.Runs.CreateAllAsync(
            [Creation(NewRun(first.ThreadId), first), Creation(NewRun(other.ThreadId), other with { Owner = Alice.Id })], Token));
        (await UnfinishedAsync()).ShouldBeEmpty();
        (await Storage.Threads.FindAsync(Alice, first.ThreadId, Token)).ShouldBeNull();

        await Storage.Runs.CreateAllAsync([Creation(NewRun(first.ThreadId), first), Creation(NewRun(second.ThreadId), second)], Token);
        (await UnfinishedAsync()).Select(run => run.ThreadId).ShouldBe([first.ThreadId, second.ThreadId], ignoreOrder: true);
    }

    [Fact]
    public async Task A_start_wants_the_next_attempt()
    {
        var thread = await AddThreadAsync();
        var run = await AddRunAsync(thread.ThreadId);

        var (first, second) = (FirstOf(run), FirstOf(run) with { Attempt = 2 });
        (await Storage.Runs.TryStartAsync(second, At(1), Token)).ShouldBeFalse();
        (await Storage.Runs.TryStartAsync(first with { ThreadId = (await AddThreadAsync()).ThreadId }, At(1), Token)).ShouldBeFalse();
        (await Storage.Runs.TryStartAsync(first, At(1), Token)).ShouldBeTrue();
        (await Storage.Runs.TryStartAsync(first, At(2), Token)).ShouldBeFalse();
        (await Storage.Runs.TryStartAsync(second, At(2), Token)).ShouldBeTrue();
        (await Storage.Runs.TryStartAsync(first with { RunId = RunId.New(TimeProvider.System) }, At(2), Token)).ShouldBeFalse();

        var started = await FindAsync(run.RunId);
        started.Status.ShouldBe(RunStatus.Running);
        started.Attempt.ShouldBe(2);
        started.UpdatedAt.ShouldBe(At(2));
    }

    [Fact]
    public async Task A_thread_is_busy_again_when_the_next_run_starts()
    {
        var thread = await AddThreadAsync();
        var first = await StartRunAsync(thread.ThreadId);
        var second = await AddRunAsync(thread.ThreadId);
        await Storage.Runs.TryFinishAsync(Finish(first) with { Status = RunStatus.Error, Thread = new ThreadOutcome(ThreadStatus.Error, Error: "no") }, Token);
        (await Storage.Threads.FindAsync(Alice, thread.ThreadId, Token))!.Status.ShouldBe(ThreadStatus.Error);

        await Storage.Runs.TryStartAsync(FirstOf(second), At(10), Token);

        var busy = (await Storage.Threads.FindAsync(Alice, thread.ThreadId, Token))!;
        (busy.Status, busy.UpdatedAt).ShouldBe((ThreadStatus.Busy, At(10)));
    }

    [Fact]
    public async Task One_run_of_a_thread_runs_at_a_time()
    {
        var thread = await AddThreadAsync();
        var first = await StartRunAsync(thread.ThreadId);
        var second = await AddRunAsync(thread.ThreadId);

        (await Storage.Runs.TryStartAsync(FirstOf(second), At(2), Token)).ShouldBeFalse();
        (await FindAsync(second.RunId)).Status.ShouldBe(RunStatus.Pending);

        await Storage.Runs.TryFinishAsync(Finish(first), Token);
        (await Storage.Runs.TryStartAsync(FirstOf(second), At(3), Token)).ShouldBeTrue();
    }

    [Fact]
    public async Task Of_many_starts_at_once_on_a_thread_one_wins()
    {
        var thread = await AddThreadAsync();
        var runs = await Task.WhenAll(Enumerable.Range(0, 30).Select(i => Task.Run(() => AddRunAsync(thread.ThreadId, i), Token)));

        var started = await Task.WhenAll(runs.Select(run => Task.Run(() => Storage.Runs.TryStartAsync(FirstOf(run), At(50), Token), Token)));

        started.Count(isStarted => isStarted).ShouldBe(1);
        (await Storage.Runs.SearchAsync(Alice, thread.ThreadId, RunStatus.Running, 10, 0, Token)).Count.ShouldBe(1);
        (await Storage.Runs.SearchAsync(Alice, thread.ThreadId, RunStatus.Pending, 100, 0, Token)).Count.ShouldBe(29);
    }

    [Fact]
    public async Task A_cancel_is_kept_with_its_run_and_the_first_one_stands()
    {
        var thread = await AddThreadAsync();
        var attempt = await StartRunAsync(thread.ThreadId);
        var waiting = await AddRunAsync(thread.ThreadId);

        (await Storage.Runs.TryRequestCancelAsync(attempt.Run, new CancelRequest(CancelAction.Rollback), At(2), Token)).ShouldBeTrue();
        (await Storage.Runs.TryRequestCancelAsync(attempt.Run, new CancelRequest(CancelAction.Interrupt, "later"), At(3), Token)).ShouldBeTrue();
        (await Storage.Runs.TryRequestCancelAsync(waiting.Key, new CancelRequest(CancelAction.Interrupt, "why"), At(3), Token)).ShouldBeTrue();
        await Storage.CloseAsync();

        (await Storage.Runs.ListUnfinishedAsync(thread.ThreadId, Token)).Select(run => run.CancelRequest)
            .ShouldBe([new CancelRequest(CancelAction.Rollback), new CancelRequest(CancelAction.Interrupt, "why")]);
    }

    [Fact]
    public async Task What_has_ended_is_not_cancelled()
    {
        var thread = await AddThreadAsync();
        var attempt = await StartRunAsync(thread.ThreadId);
        await Storage.Runs.TryFinishAsync(Finish(attempt), Token);

        (await Storage.Runs.TryRequestCancelAsync(attempt.Run, new CancelRequest(CancelAction.Interrupt), At(10), Token)).ShouldBeFalse();
        (await Storage.Runs.TryRequestCancelAsync(new RunKey(thread.ThreadId, RunId.New(TimeProvider.System)), new CancelRequest(CancelAction.Interrupt), At(10), Token)).ShouldBeFalse();

        (await FindAsync(attempt.RunId)).CancelRequest.ShouldBeNull();
    }

    [Fact]
    public async Task A_released_run_is_pending_again_and_its_next_attempt_has_a_number_of_its_own()
    {
        var thread = await AddThreadAsync();
        var attempt = await StartRunAsync(thread.ThreadId);

        (await Storage.Runs.TryReleaseAsync(attempt with { Attempt = 2 }, At(4), Token)).ShouldBeFalse();
        (await Storage.Runs.TryReleaseAsync(attempt, At(4), Token)).ShouldBeTrue();
        (await Storage.Runs.TryReleaseAsync(attempt, At(5), Token)).ShouldBeFalse();

        var released = await FindAsync(attempt.RunId);
        (released.Status, released.Attempt).ShouldBe((RunStatus.Pending, 1));
        (await Storage.Runs.TryStartAsync(attempt, At(6), Token)).ShouldBeFalse();
        (await Storage.Runs.TryStartAsync(attempt with { Attempt = 2 }, At(6), Token)).ShouldBeTrue();
    }

    [Fact]
    public async Task The_end_of_a_run_is_stored_with_its_thread_and_its_last_events()
    {
        var thread = await AddThreadAsync();
        var attempt = await StartRunAsync(thread.ThreadId);

        var finished = await Storage.Runs.TryFinishAsync(
            Finish(attempt) with
            {
                Status = RunStatus.Error,
                Error = "broken",
                Thread = new ThreadOutcome(ThreadStatus.Error, Error: "broken"),
                Events = [NewEvent(attempt.RunId, "{}", RunEventCategory.Lifecycle), NewEvent(attempt.RunId, "2")],
                StreamEvents = [NewStreamEvent(0), NewStreamEvent(1)],
            },
            Token);

        finished.ShouldBeTrue();
        var run = await FindAsync(attempt.RunId);
        (run.Status, run.Error, run.UpdatedAt).ShouldBe((RunStatus.Error, "broken", At(9)));
        var after = await Storage.Threads.FindAsync(Alice, thread.ThreadId, Token);
        (after!.Status, after.Error, after.UpdatedAt, after.StateUpdatedAt).ShouldBe((ThreadStatus.Error, "broken", At(9), At(9)));
        (await MessagesAsync(thread.ThreadId, attempt.RunId)).Select(entry => entry.Seq).ShouldBe([2]);
        (await Storage.StreamEvents.ReadAsync(attempt.Run, -1, 9, Token)).Select(entry => entry.Seq).ShouldBe([0, 1]);
    }

    [Fact]
    public async Task An_end_in_the_name_of_an_old_attempt_changes_nothing()
    {
        var thread = await AddThreadAsync();
        var attempt = await StartRunAsync(thread.ThreadId);
        await Storage.Runs.TryStartAsync(attempt with { Attempt = 2 }, At(2), Token);
        var before = await Storage.Threads.FindAsync(Alice, thread.ThreadId, Token);
        var finish = Finish(attempt) with { Events = [NewEvent(attempt.RunId, "1")], StreamEvents = [NewStreamEvent(0)] };

        (await Storage.Runs.TryFinishAsync(finish, Token)).ShouldBeFalse();
        (await Storage.Runs.TryFinishAsync(finish with { Attempt = null }, Token)).ShouldBeFalse();
        (await Storage.Runs.TryFinishAsync(finish with { DeleteThread = true }, Token)).ShouldBeFalse();

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
        (await Storage.Runs.TryFinishAsync(starts ? finish : finish with { Attempt = null }, Token)).ShouldBeTrue();

        (await Storage.Runs.FindAsync(Alice, run.RunId, Token))!.Headers.ShouldBeNull();
    }

    [Fact]
    public async Task A_run_leaves_the_configuration_that_graphs_are_made_from_as_it_is_where_it_has_none()
    {
        var thread = await AddThreadAsync();
        await Storage.Runs.CreateAsync(Creation(NewRun(thread.ThreadId)) with { GraphConfig = """{"tags":[]}""" }, Token);

        await Storage.Runs.CreateAsync(Creation(NewRun(thread.ThreadId)), Token);
        await Storage.Runs.CreateAsync(Creation(NewRun(thread.ThreadId), thread), Token);

        var stored = (await Storage.Threads.FindAsync(Alice, thread.ThreadId, Token))!;
        stored.GraphConfig.ShouldBeJson("""{"tags":[]}""");
        stored.Config.ShouldBeJson(thread.Config);
    }

    [Fact]
    public async Task A_run_that_never_started_ends_without_an_attempt_and_only_once()
    {
        var thread = await AddThreadAsync();
        var run = await AddRunAsync(thread.ThreadId);
        var before = await Storage.Threads.FindAsync(Alice, thread.ThreadId, Token);
        var finish = Finish(FirstOf(run)) with { Attempt = null, Status = RunStatus.Interrupted, Thread = null };

        (await Storage.Runs.TryFinishAsync(finish with { Attempt = 0 }, Token)).ShouldBeFalse();
        (await Storage.Runs.TryFinishAsync(finish, Token)).ShouldBeTrue();
        (await Storage.Runs.TryFinishAsync(finish with { Now = At(10) }, Token)).ShouldBeFalse();

        (await FindAsync(run.RunId)).Status.ShouldBe(RunStatus.Interrupted);
        (await Storage.Threads.FindAsync(Alice, thread.ThreadId, Token)).ShouldBeSame(before! with { Version = before.Version + 1 });
        (await Storage.Runs.TryStartAsync(FirstOf(run), At(9), Token)).ShouldBeFalse();
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
        (await Storage.Runs.TryFinishAsync(Finish(attempt) with { Input = input }, Token)).ShouldBeTrue();

        async Task ShouldBeWhatItWasAsync()
        {
            (await Storage.Runs.FindAsync(Alice, run.RunId, Token))!.Kwargs.ToArray().ShouldBe(Utf8(kwargs));
            (await Storage.Runs.SearchAsync(Alice, thread.ThreadId, null, 9, 0, Token)).ShouldHaveSingleItem().Kwargs.ToArray().ShouldBe(Utf8(kwargs));
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
        (await Storage.Runs.TryFinishAsync(Finish(attempt) with { Input = input }, Token)).ShouldBeTrue();

        (await FindAsync(attempt.RunId)).Kwargs.ToArray().ShouldBe(kwargs.ToArray());
        (await FindAsync(attempt.RunId)).Status.ShouldBe(RunStatus.Success);
    }

    [Fact]
    public async Task The_order_in_which_the_runs_of_a_thread_began_is_kept()
    {
        var (thread, other) = (await AddThreadAsync(), NewThread());
        var (first, second) = (await AddRunAsync(thread.ThreadId), await AddRunAsync(thread.ThreadId));
        var (third, ofOther) = (await AddRunAsync(thread.ThreadId), NewRun(other.ThreadId) with { Status = RunStatus.Running, Attempt = 1 });
        await Storage.Runs.TryStartAsync(FirstOf(second), At(1), Token);
        await Storage.Runs.TryStartAsync(FirstOf(second) with { Attempt = 2 }, At(2), Token);
        await Storage.Runs.TryFinishAsync(Finish(FirstOf(second) with { Attempt = 2 }), Token);
        await Storage.Runs.DeleteAsync(second.Key, null, null, At(9), Token);
        await Storage.Runs.TryStartAsync(FirstOf(first), At(10), Token);
        await Storage.Runs.TryFinishAsync(Finish(FirstOf(first)), Token);
        var atOnce = NewRun(thread.ThreadId) with { Status = RunStatus.Running, Attempt = 1 };
        await Storage.Runs.CreateAsync(Creation(atOnce), Token);
        await Storage.Runs.CreateAsync(Creation(ofOther, other), Token);
        await Storage.Runs.TryFinishAsync(Finish(FirstOf(ofOther)), Token);
        var next = await AddRunAsync(other.ThreadId);
        await Storage.Runs.TryStartAsync(FirstOf(next), At(11), Token);

        (await Storage.Runs.SearchAsync(Alice, thread.ThreadId, null, 9, 0, Token)).Select(run => (run.RunId, run.StartOrder))
            .ShouldBe([(atOnce.RunId, 3), (third.RunId, 0), (first.RunId, 2)]);
        (await Storage.Runs.SearchAsync(Alice, other.ThreadId, null, 9, 0, Token)).Select(run => run.StartOrder).ShouldBe([2, 1]);
    }

    [Fact]
    public async Task Metadata_may_name_the_assistant()
    {
        var thread = await AddThreadAsync();
        var run = NewRun(thread.ThreadId);
        run = run with { Metadata = $$"""{"of":{"assistant_id":"{{run.AssistantId}}"},"assistant_id":"{{run.AssistantId}}"}""" };

        await Storage.Runs.CreateAsync(Creation(run), Token);

        (await Storage.Runs.FindAsync(Alice, run.RunId, Token))!.Metadata.ShouldBeJson(run.Metadata);
    }

    [Fact]
    public async Task The_end_of_a_run_can_take_its_thread_along()
    {
        var thread = NewThread();
        var run = NewRun(thread.ThreadId);
        await Storage.Runs.CreateAsync(Creation(run, thread), Token);
        await Storage.Runs.TryStartAsync(FirstOf(run), At(1), Token);
        var attempt = FirstOf(run);
        await Storage.Checkpoints.PutAsync(attempt, NewCheckpoint(thread.ThreadId, 1, run.RunId), [NewEvent(run.RunId, "1")], Token);
        await Storage.StreamEvents.AppendAsync(attempt, [NewStreamEvent(0)], Token);

        (await Storage.Runs.TryFinishAsync(Finish(attempt) with { DeleteThread = true }, Token)).ShouldBeTrue();

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
        await Storage.Checkpoints.PutAsync(first, NewCheckpoint(thread.ThreadId, 1, first.RunId), [NewEvent(first.RunId, "1")], Token);
        await Storage.Runs.TryFinishAsync(Finish(first), Token);
        var second = await StartRunAsync(thread.ThreadId);
        await Storage.Checkpoints.PutAsync(second, NewCheckpoint(thread.ThreadId, 2, second.RunId, 1), [NewEvent(second.RunId, "2"), NewEvent(second.RunId, "3")], Token);
        await Storage.Checkpoints.PutOutcomeAsync(second, new TaskOutcomeRecord("", IdOf(2), "t", new byte[] { 1 }), Token);
        await Storage.StreamEvents.AppendAsync(second, [NewStreamEvent(0)], Token);

        (await Storage.Runs.DeleteAsync(second.Run with { ThreadId = NewThreadId() }, 1, null, At(7), Token)).ShouldBe(WriteResult.Missing);
        (await Storage.Runs.DeleteAsync(second.Run, null, null, At(7), Token)).ShouldBe(WriteResult.Busy);
        (await Storage.Runs.DeleteAsync(second.Run, 2, null, At(7), Token)).ShouldBe(WriteResult.Busy);
        (await Storage.Runs.DeleteAsync(second.Run, 1, new ThreadOutcome(ThreadStatus.Interrupted), At(7), Token)).ShouldBe(WriteResult.Applied);
        (await Storage.Runs.DeleteAsync(second.Run, null, null, At(8), Token)).ShouldBe(WriteResult.Missing);

        (await Storage.Runs.FindAsync(Alice, second.RunId, Token)).ShouldBeNull();
        (await Storage.Checkpoints.FindAsync(thread.ThreadId, "", null, Token))!.CheckpointId.ShouldBe(IdOf(1));
        (await RangeAsync(thread.ThreadId, "", 1, 9)).Select(checkpoint => checkpoint.Ordinal).ShouldBe([1]);
        (await ListOutcomesAsync(thread.ThreadId, "", IdOf(2))).ShouldBeEmpty();
        (await MessagesAsync(thread.ThreadId, first.RunId)).Count.ShouldBe(1);
        (await MessagesAsync(thread.ThreadId, second.RunId)).ShouldBeEmpty();
        (await Storage.StreamEvents.ReadAsync(second.Run, -1, 9, Token)).ShouldBeEmpty();
        var after = await Storage.Threads.FindAsync(Alice, thread.ThreadId, Token);
        (after!.Status, after.UpdatedAt).ShouldBe((ThreadStatus.Interrupted, At(7)));
        await Should.ThrowAsync<StaleAttemptException>(Storage.Checkpoints.PutAsync(second, NewCheckpoint(thread.ThreadId, 2, second.RunId), [], Token));
    }

    [Fact]
    public async Task Runs_of_a_thread_are_listed_newest_first_in_pages_for_their_actor()
    {
        var thread = await AddThreadAsync();
        var other = await AddThreadAsync();
        var runs = new List<RunId>();
        for (var i = 0; i < 6; i++)
        {
            runs.Add((await AddRunAsync(thread.ThreadId)).RunId);
            await AddRunAsync(other.ThreadId);
        }

        await Storage.Runs.TryStartAsync(new RunAttempt(thread.ThreadId, runs[2], 1), At(1), Token);

        async Task<IEnumerable<RunId>> Search(Actor actor, RunStatus? status, int limit, int offset) =>
            (await Storage.Runs.SearchAsync(actor, thread.ThreadId, status, limit, offset, Token)).Select(run => run.RunId);

        (await Search(Alice, null, 2, 1)).ShouldBe([runs[4], runs[3]]);
        (await Search(Alice, RunStatus.Running, 9, 0)).ShouldBe([runs[2]]);
        (await Search(Alice, RunStatus.Pending, 9, 0)).ShouldBe([runs[5], runs[4], runs[3], runs[1], runs[0]]);
        (await Search(Bob, null, 9, 0)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Unfinished_runs_of_an_actor_are_found_in_pages_newest_first_also_after_reopening()
    {
        var (thread, other) = (await AddThreadAsync(), await AddThreadAsync());
        var ofBob = NewThread(Bob);
        var ended = await StartRunAsync(thread.ThreadId);
        await Storage.Runs.TryFinishAsync(Finish(ended), Token);
        var runs = new List<RunRecord>();
        for (var i = 0; i < 5; i++)
        {
            // Two of each second: then the id decides.
            runs.Add(await AddRunAsync((i % 2 == 0 ? thread : other).ThreadId, 10 + (i / 2)));
        }

        await Storage.Runs.CreateAsync(Creation(NewRun(ofBob.ThreadId, 11), ofBob, Bob), Token);
        await Storage.Runs.TryStartAsync(FirstOf(runs[2]), At(20), Token);
        await Storage.CloseAsync();
        var newestFirst = runs.OrderByDescending(run => run.CreatedAt).ThenByDescending(run => run.RunId.Value.ToByteArray(bigEndian: true), ByteOrder).Select(run => run.RunId).ToList();

        async Task<List<RunId>> Pages(RunStatus? status, int limit)
        {
            var found = new List<RunId>();
            for (RunRecord? last = null; ;)
            {
                var page = await Storage.Runs.SearchUnfinishedAsync(Alice, status, last, limit, Token);
                page.Count.ShouldBeLessThanOrEqualTo(limit);
                if (page.Count == 0)
                {
                    return found;
                }

                found.AddRange(page.Select(run => run.RunId));
                last = page[^1];
            }
        }

        (await Pages(null, 2)).ShouldBe(newestFirst);
        (await Pages(null, 9)).ShouldBe(newestFirst);
        (await Pages(RunStatus.Pending, 1)).ShouldBe(newestFirst.Where(run => run != runs[2].RunId));
        (await Pages(RunStatus.Running, 9)).ShouldBe([runs[2].RunId]);
    }

    [Fact]
    public async Task Unfinished_runs_of_a_thread_are_listed_in_the_order_in_which_they_go_on()
    {
        var (thread, other, done) = (await AddThreadAsync(), await AddThreadAsync(), await AddThreadAsync());
        await Storage.Runs.TryFinishAsync(Finish(await StartRunAsync(done.ThreadId)), Token);
        var first = await AddRunAsync(thread.ThreadId);
        var ofOther = await AddRunAsync(other.ThreadId, 1);
        var running = await AddRunAsync(thread.ThreadId, 2);
        await Storage.Runs.TryStartAsync(FirstOf(running), At(3), Token);
        var last = await AddRunAsync(thread.ThreadId, 4);

        var both = await Storage.Runs.ListUnfinishedThreadsAsync(null, 9, Token);
        both.ShouldBe([new UnfinishedThread(thread.ThreadId, At(0)), new UnfinishedThread(other.ThreadId, At(1))]);
        (await Storage.Runs.ListUnfinishedThreadsAsync(null, 1, Token)).ShouldBe([both[0]]);
        (await Storage.Runs.ListUnfinishedThreadsAsync(both[0], 1, Token)).ShouldBe([both[1]]);
        (await Storage.Runs.ListUnfinishedThreadsAsync(both[1], 9, Token)).ShouldBeEmpty();
        (await Storage.Runs.ListUnfinishedAsync(thread.ThreadId, Token)).Select(run => run.RunId).ShouldBe([running.RunId, first.RunId, last.RunId]);
        (await Storage.Runs.ListUnfinishedAsync(other.ThreadId, Token)).Select(run => run.RunId).ShouldBe([ofOther.RunId]);
        (await Storage.Runs.ListUnfinishedAsync(done.ThreadId, Token)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Crashes_are_counted_anew_when_something_was_stored_in_between()
    {
        var thread = await AddThreadAsync();
        var attempt = await StartRunAsync(thread.ThreadId);
        var checkpoint = NewCheckpoint(thread.ThreadId, 1, attempt.RunId, source: "input");
        await Storage.Checkpoints.PutAsync(attempt, checkpoint, [], Token);
        (await CrashesAsync()).ShouldBe(1);
        await StartAsync(2);
        (await CrashesAsync()).ShouldBe(2);
        await StartAsync(3);
        (await CrashesAsync()).ShouldBe(3);

        await Storage.Checkpoints.PutOutcomeAsync(attempt with { Attempt = 3 }, new TaskOutcomeRecord("", checkpoint.CheckpointId, "task", new byte[] { 1 }), Token);
        (await CrashesAsync()).ShouldBe(1);
        await StartAsync(4);
        (await CrashesAsync()).ShouldBe(2);

        await Storage.Runs.TryReleaseAsync(attempt with { Attempt = 4 }, At(4), Token);
        await StartAsync(5);
        (await CrashesAsync()).ShouldBe(2);
        await Storage.CloseAsync();
        (await CrashesAsync()).ShouldBe(2);

        async Task StartAsync(int number) => (await Storage.Runs.TryStartAsync(attempt with { Attempt = number }, At(number), Token)).ShouldBeTrue();
        Task<int> CrashesAsync() => Storage.Runs.CountCrashesAsync(attempt.Run, Token);
    }

    [Fact]
    public async Task The_version_of_a_thread_grows_with_each_change_of_its_runs()
    {
        var thread = await AddThreadAsync();
        var version = thread.Version;
        var (first, second) = (FirstOf(await AddRunAsync(thread.ThreadId)), FirstOf(await AddRunAsync(thread.ThreadId)));
        await ShouldGrowAsync();
        await Storage.Runs.TryStartAsync(first, At(1), Token);
        await ShouldGrowAsync();
        await Storage.Runs.TryStartAsync(second, At(1), Token);
        (await VersionOfAsync(thread)).ShouldBe(version);
        await Storage.Runs.TryFinishAsync(Finish(first), Token);
        await ShouldGrowAsync();
        await Storage.Runs.TryFinishAsync(Finish(second) with { Attempt = null, Thread = null }, Token);
        await ShouldGrowAsync();
        await Storage.Runs.DeleteAsync(first.Run, null, null, At(9), Token);
        await ShouldGrowAsync();

        async Task ShouldGrowAsync()
        {
            var now = await VersionOfAsync(thread);
            now.ShouldBeGreaterThan(version);
            version = now;
        }
    }

    [Fact]
    public async Task Writes_of_one_thread_take_effect_in_the_order_of_the_calls_across_stores()
    {
        var thread = NewThread();
        var run = NewRun(thread.ThreadId);
        var attempt = FirstOf(run);

        var created = Storage.Runs.CreateAsync(Creation(run, thread), Token);
        var started = Storage.Runs.TryStartAsync(FirstOf(run), At(1), Token);
        var put = Storage.Checkpoints.PutAsync(attempt, NewCheckpoint(thread.ThreadId, 1, run.RunId), [], Token);
        var streamed = Storage.StreamEvents.AppendAsync(attempt, [NewStreamEvent(0)], Token);
        var finished = Storage.Runs.TryFinishAsync(Finish(attempt), Token);
        var late = Storage.Checkpoints.PutAsync(attempt, NewCheckpoint(thread.ThreadId, 2, run.RunId), [], Token);

        (await created).ShouldBe(RunCreated.Created);
        (await started).ShouldBeTrue();
        await put;
        await streamed;
        (await finished).ShouldBeTrue();
        await Should.ThrowAsync<StaleAttemptException>(late);
    }

    [Fact]
    public async Task Writes_of_one_thread_keep_their_order_among_those_of_others_that_fail()
    {
        async Task<IReadOnlyList<long>> TurnAsync(int number)
        {
            var thread = NewThread(second: number);
            var run = NewRun(thread.ThreadId, number) with { Status = RunStatus.Running, Attempt = 1 };
            var writes = new List<Task> { Storage.Runs.CreateAsync(Creation(run, thread), Token) };
            for (var i = 1; i <= 10; i++)
            {
                writes.Add(Storage.Checkpoints.PutAsync(FirstOf(run), NewCheckpoint(thread.ThreadId, i, run.RunId, i == 1 ? null : i - 1), [], Token));
                writes.Add(Storage.StreamEvents.AppendAsync(FirstOf(run), [NewStreamEvent(i)], Token));
                if (i % 5 == 0)
                {
                    // One that is refused, and one that throws.
                    await Should.ThrowAsync<StaleAttemptException>(Storage.StreamEvents.AppendAsync(FirstOf(run) with { Attempt = 2 }, [NewStreamEvent(99)], Token));
                    await Should.ThrowAsync<InvalidOperationException>(Storage.Runs.CreateAllAsync([Creation(NewRun(thread.ThreadId), thread)], Token));
                }
            }

            writes.Add(Storage.Runs.TryFinishAsync(Finish(FirstOf(run)) with { StreamEvents = [NewStreamEvent(11)] }, Token));
            await Task.WhenAll(writes);
            (await ListAsync(thread.ThreadId, "", null, 99)).Select(checkpoint => checkpoint.Ordinal).ShouldBe(Enumerable.Range(1, 10).Reverse().Select(i => (long)i));
            return [.. (await Storage.StreamEvents.ReadAsync(run.Key, -1, 99, Token)).Select(entry => entry.Seq)];
        }

        var turns = await Task.WhenAll(Enumerable.Range(0, 32).Select(number => Task.Run(() => TurnAsync(number), Token)));

        turns.ShouldAllBe(turn => turn.SequenceEqual(Enumerable.Range(1, 11).Select(i => (long)i)));
    }

    [Fact]
    public async Task A_repeated_write_of_a_run_is_the_same_write_once()
    {
        async Task TwiceAsync<T>(Func<Task<T>> write, T expected)
        {
            (await write()).ShouldBe(expected);
            (await write()).ShouldBe(expected);
        }

        var thread = NewThread();
        var (first, second) = (NewRun(thread.ThreadId), NewRun(thread.ThreadId, 1));
        var attempt = FirstOf(first);
        await TwiceAsync(() => Storage.Runs.CreateAsync(Creation(first, thread), Token), RunCreated.Created);
        var change = Creation(second) with { ThreadMetadata = new MetadataChange("{}", """{"a":1}""") };
        await TwiceAsync(() => Storage.Runs.CreateAsync(change, Token), RunCreated.Created);
        (await VersionOfAsync(thread)).ShouldBe(2);
        await TwiceAsync(() => Storage.Runs.TryStartAsync(attempt, At(1), Token), true);
        (await VersionOfAsync(thread)).ShouldBe(3);
        await TwiceAsync(() => Storage.Runs.TryRequestCancelAsync(attempt.Run, new CancelRequest(CancelAction.Interrupt), At(2), Token), true);
        await TwiceAsync(() => Storage.Runs.TryReleaseAsync(attempt, At(3), Token), true);
        (await FindAsync(first.RunId)).Status.ShouldBe(RunStatus.Pending);
        attempt = attempt with { Attempt = 2 };
        await TwiceAsync(() => Storage.Runs.TryStartAsync(attempt, At(4), Token), true);
        (await FindAsync(first.RunId)).StartOrder.ShouldBe(1);
        var finish = Finish(attempt) with { Events = [NewEvent(first.RunId, "last")], StreamEvents = [NewStreamEvent(0)] };
        await TwiceAsync(() => Storage.Runs.TryFinishAsync(finish, Token), true);
        (await VersionOfAsync(thread)).ShouldBe(5);
        (await MessagesAsync(thread.ThreadId, first.RunId)).Count.ShouldBe(1);
        (await Storage.StreamEvents.ReadAsync(first.Key, -1, 9, Token)).Count.ShouldBe(1);
        await TwiceAsync(() => Storage.Runs.TryFinishAsync(Finish(FirstOf(second)) with { Attempt = null, Status = RunStatus.Interrupted }, Token), true);
        (await Storage.Runs.DeleteAsync(second.Key, null, null, At(10), Token)).ShouldBe(WriteResult.Applied);
        (await Storage.Runs.DeleteAsync(second.Key, null, null, At(10), Token)).ShouldBe(WriteResult.Missing);
        (await VersionOfAsync(thread)).ShouldBe(7);
        (await Storage.Threads.FindAsync(Alice, thread.ThreadId, Token))!.Metadata.ShouldBeJson("""{"a":1}""");
    }

    [Fact]
    public async Task A_write_that_fails_is_told_to_its_caller_alone()
    {
        var thread = NewThread();
        var run = NewRun(thread.ThreadId);
        await Storage.Runs.CreateAsync(Creation(run, thread), Token);
        var leftBehind = NewThread();
        var others = Enumerable.Range(0, 100).Select(i => NewThread(second: i)).ToList();

        var before = others.Take(50).Select(other => Storage.Runs.CreateAsync(Creation(NewRun(other.ThreadId), other), Token)).ToList();
        var failing = Storage.Runs.CreateAllAsync([Creation(NewRun(leftBehind.ThreadId), leftBehind), Creation(NewRun(thread.ThreadId), thread)], Token);
        var after = others.Skip(50).Select(other => Storage.Runs.CreateAsync(Creation(NewRun(other.ThreadId), other), Token)).ToList();

        await Should.ThrowAsync<Exception>(failing);
        (await Task.WhenAll(before.Concat(after))).ShouldAllBe(created => created == RunCreated.Created);
        (await UnfinishedAsync()).Count.ShouldBe(101);
        (await Storage.Threads.SearchAsync(Alice, new ThreadQuery(), Token)).Total.ShouldBe(101);
        (await Storage.Threads.FindAsync(Alice, leftBehind.ThreadId, Token)).ShouldBeNull();
    }

    [Fact]
    public async Task Whole_turns_on_many_threads_at_once_keep_apart()
    {
        async Task<bool> TurnAsync(int number)
        {
            var thread = NewThread(second: number);
            var run = NewRun(thread.ThreadId, number);
            var attempt = FirstOf(run);
            await Storage.Runs.CreateAsync(Creation(run, thread), Token);
            await Storage.Runs.TryStartAsync(FirstOf(run), At(1), Token);
            for (var i = 1; i <= 3; i++)
            {
                await Storage.Checkpoints.PutAsync(attempt, NewCheckpoint(thread.ThreadId, i, run.RunId), [NewEvent(run.RunId, $"{number}.{i}")], Token);
            }

            var isFinished = await Storage.Runs.TryFinishAsync(Finish(attempt), Token);
            var entries = await MessagesAsync(thread.ThreadId, run.RunId);
            return isFinished && entries.Select(entry => Encoding.UTF8.GetString(entry.Content.Span)).SequenceEqual([$"{number}.1", $"{number}.2", $"{number}.3"]);
        }

        (await Task.WhenAll(Enumerable.Range(0, 64).Select(number => Task.Run(() => TurnAsync(number), Token)))).ShouldAllBe(isRight => isRight);
        (await UnfinishedAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_write_that_was_cancelled_before_it_began_changes_nothing()
    {
        var thread = NewThread();
        await Should.ThrowAsync<OperationCanceledException>(Storage.Runs.CreateAsync(Creation(NewRun(thread.ThreadId), thread), new CancellationToken(true)));

        (await Storage.Threads.FindAsync(Alice, thread.ThreadId, Token)).ShouldBeNull();
    }

    private static Comparer<byte[]> ByteOrder => Comparer<byte[]>.Create((first, second) => first.AsSpan().SequenceCompareTo(second));

    private async Task<RunRecord> FindAsync(RunId runId) => (await Storage.Runs.FindAsync(Alice, runId, Token)).ShouldNotBeNull();
}

using System.Text;
using System.Text.Json;
using Weft.Runs;

namespace Weft.Storage.TestKit;

/// <summary>The order of writes, repetitions and failures.</summary>
public abstract partial class RunStoreContract
{
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
        await Storage.Runs.FinishAsync(Finish(first), Token);
        await ShouldGrowAsync();
        await Storage.Runs.FinishAsync(Finish(second) with { Attempt = null, Thread = null }, Token);
        await ShouldGrowAsync();
        await Storage.Runs.DeleteAsync(first.Run, null, null, null, At(9), Token);
        await ShouldGrowAsync();

        async Task ShouldGrowAsync()
        {
            var now = await VersionOfAsync(thread);
            now.ShouldBeGreaterThan(version);
            version = now;
        }
    }

    [Fact]
    public async Task The_end_of_a_run_returns_the_version_of_its_thread()
    {
        var thread = await AddThreadAsync();
        var attempt = await StartRunAsync(thread.ThreadId);

        var version = await Storage.Runs.TryFinishAsync(Finish(attempt), Token);

        if (version != 0)
        {
            version.ShouldBe(await VersionOfAsync(thread));
        }
    }

    [Fact]
    public async Task A_run_that_relies_on_another_version_of_its_thread_is_not_added()
    {
        var thread = await AddThreadAsync();
        var read = await VersionOfAsync(thread);
        await Storage.Runs.FinishAsync(Finish(await StartRunAsync(thread.ThreadId)), Token);
        var run = NewRun(thread.ThreadId);

        (await Storage.Runs.CreateAsync(Creation(run) with { ThreadVersion = read }, Token)).ShouldBe(RunCreated.ThreadChanged);

        (await Storage.Runs.FindAsync(Alice, run.RunId, Token)).ShouldBeNull();
        var creation = Creation(run) with { ThreadVersion = await VersionOfAsync(thread) };
        (await Storage.Runs.CreateAsync(creation, Token)).ShouldBe(RunCreated.Created);
        (await Storage.Runs.CreateAsync(creation, Token)).ShouldBe(RunCreated.Created);
    }

    [Fact]
    public async Task A_run_that_relies_on_an_assistant_that_has_changed_is_not_added()
    {
        var thread = await AddThreadAsync();
        var run = NewRun(thread.ThreadId);
        var none = Creation(run) with { Assistant = new RememberedAssistant(null) };
        var assistant = new AssistantRecord
        {
            AssistantId = run.AssistantId,
            Owner = Alice.Id,
            GraphId = "graph",
            Name = "one",
            Metadata = JsonElement.Parse("{}"),
            CreatedAt = At(1),
            UpdatedAt = At(1),
        };
        (await Storage.Assistants.TryCreateAsync(assistant, Token)).ShouldBeTrue();

        (await Storage.Runs.CreateAsync(none, Token)).ShouldBe(RunCreated.ThreadChanged);
        (await Storage.Runs.CreateAsync(none with { Assistant = new RememberedAssistant(At(2)) }, Token)).ShouldBe(RunCreated.ThreadChanged);

        var known = none with { Assistant = new RememberedAssistant(At(1)) };
        (await Storage.Runs.CreateAsync(known, Token)).ShouldBe(RunCreated.Created);
        (await Storage.Runs.CreateAsync(known, Token)).ShouldBe(RunCreated.Created);
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
        var finished = Storage.Runs.FinishAsync(Finish(attempt), Token);
        var late = Storage.Checkpoints.PutAsync(attempt, NewCheckpoint(thread.ThreadId, 2, run.RunId), [], Token);

        (await created).ShouldBe(RunCreated.Created);
        (await started).ShouldNotBeNull();
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
            var run = NewRun(thread.ThreadId, number) with { Status = RunStatus.Running, Attempt = 1, StartOrder = 1 };
            var writes = new List<Task> { Storage.Runs.CreateAsync(Creation(run, thread), Token) };
            for (var i = 1; i <= 10; i++)
            {
                writes.Add(
                    Storage.Checkpoints.PutAsync(
                        FirstOf(run), NewCheckpoint(thread.ThreadId, i, run.RunId, i == 1 ? null : i - 1), [], Token));
                writes.Add(Storage.StreamEvents.AppendAsync(FirstOf(run), [NewStreamEvent(i)], Token));
                if (i % 5 == 0)
                {
                    // One that is refused, and one that throws.
                    await Should.ThrowAsync<StaleAttemptException>(
                        Storage.StreamEvents.AppendAsync(FirstOf(run) with { Attempt = 2 }, [NewStreamEvent(99)], Token));
                    await Should.ThrowAsync<InvalidOperationException>(
                        Storage.Runs.CreateAllAsync([Creation(NewRun(thread.ThreadId), thread)], Token));
                }
            }

            writes.Add(Storage.Runs.FinishAsync(Finish(FirstOf(run)) with { StreamEvents = [NewStreamEvent(11)] }, Token));
            await Task.WhenAll(writes);
            (await ListAsync(thread.ThreadId, "", null, 99))
                .Select(checkpoint => checkpoint.Ordinal)
                .ShouldBe(Enumerable.Range(1, 10).Reverse().Select(i => (long)i));
            return [.. (await Storage.StreamEvents.ReadAsync(run.Key, -1, 99, Token)).Select(entry => entry.FirstSeq)];
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
        await TwiceAsync(() => Storage.Runs.TryStartAsync(attempt, At(1), Token), 1);
        (await VersionOfAsync(thread)).ShouldBe(3);
        await TwiceAsync(
            () => Storage.Runs.TryRequestCancelAsync(attempt.Run, new CancelRequest(CancelAction.Interrupt), At(2), Token), true);
        await TwiceAsync(() => Storage.Runs.TryReleaseAsync(attempt, null, At(3), Token), true);
        (await FindAsync(first.RunId)).Status.ShouldBe(RunStatus.Pending);
        attempt = attempt with { Attempt = 2 };
        await TwiceAsync(() => Storage.Runs.TryStartAsync(attempt, At(4), Token), 1);
        (await FindAsync(first.RunId)).StartOrder.ShouldBe(1);
        for (var i = 0; i < 2; i++)
        {
            await Storage.Checkpoints.PutAsync(attempt, NewCheckpoint(thread.ThreadId, 1), [NewMessage(first.RunId, "last")], Token);
        }

        var finish = Finish(attempt) with { StreamEvents = [NewStreamEvent(0)] };
        await TwiceAsync(() => Storage.Runs.FinishAsync(finish, Token), true);
        (await VersionOfAsync(thread)).ShouldBe(5);
        (await MessagesAsync(thread.ThreadId, first.RunId)).Count.ShouldBe(1);
        (await Storage.StreamEvents.ReadAsync(first.Key, -1, 9, Token)).Count.ShouldBe(1);
        await TwiceAsync(
            () => Storage.Runs.FinishAsync(Finish(FirstOf(second)) with { Attempt = null, Status = RunStatus.Interrupted }, Token),
            true);
        (await Storage.Runs.DeleteAsync(second.Key, null, null, null, At(10), Token)).ShouldBe(WriteResult.Applied);
        (await Storage.Runs.DeleteAsync(second.Key, null, null, null, At(10), Token)).ShouldBe(WriteResult.Missing);
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
        var failing = Storage.Runs.CreateAllAsync(
            [Creation(NewRun(leftBehind.ThreadId), leftBehind), Creation(NewRun(thread.ThreadId), thread)], Token);
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
                await Storage.Checkpoints.PutAsync(
                    attempt, NewCheckpoint(thread.ThreadId, i, run.RunId), [NewMessage(run.RunId, $"{number}.{i}")], Token);
            }

            var isFinished = await Storage.Runs.FinishAsync(Finish(attempt), Token);
            var entries = await MessagesAsync(thread.ThreadId, run.RunId);
            return isFinished
                && entries.Select(entry => Encoding.UTF8.GetString(entry.Content.Span))
                    .SequenceEqual([$"{number}.1", $"{number}.2", $"{number}.3"]);
        }

        (await Task.WhenAll(Enumerable.Range(0, 64).Select(number => Task.Run(() => TurnAsync(number), Token))))
            .ShouldAllBe(isRight => isRight);
        (await UnfinishedAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_write_that_was_cancelled_before_it_began_changes_nothing()
    {
        var thread = NewThread();
        await Should.ThrowAsync<OperationCanceledException>(
            Storage.Runs.CreateAsync(Creation(NewRun(thread.ThreadId), thread), new CancellationToken(true)));

        (await Storage.Threads.FindAsync(Alice, thread.ThreadId, Token)).ShouldBeNull();
    }
}

using Weft.Graphs;
using Weft.Runs;

namespace Weft.Storage.TestKit;

/// <summary>What the suites of all contracts share: the stores, and short words to fill them.</summary>
public abstract class StoreContract(StorageUnderTest storage) : IAsyncDisposable
{
    protected static readonly Actor Alice = new("alice");
    protected static readonly Actor Bob = new("bob");

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    protected internal StorageUnderTest Storage => storage;

    /// <summary>A moment, so many seconds after the beginning.</summary>
    protected static DateTimeOffset At(double second) => new DateTimeOffset(2031, 2, 3, 4, 5, 6, TimeSpan.Zero).AddSeconds(second);

    protected static ThreadId NewThreadId() => ThreadId.New(TimeProvider.System);

    protected static ThreadRecord NewThread(Actor? actor = null, double second = 0) => new()
    {
        ThreadId = NewThreadId(),
        Owner = (actor ?? Alice).Id,
        CreatedAt = At(second),
        UpdatedAt = At(second),
    };

    protected static RunRecord NewRun(ThreadId threadId, double second = 0) => new()
    {
        RunId = RunId.New(TimeProvider.System),
        ThreadId = threadId,
        Owner = Alice.Id,
        AssistantId = new AssistantId(Guid.NewGuid()),
        Metadata = """{"m":1}""",
        MultitaskStrategy = MultitaskStrategy.Rollback,
        Kwargs = """{"input":{}}"""u8.ToArray(),
        CreatedAt = At(second),
        UpdatedAt = At(second),
    };

    protected static RunCreation Creation(RunRecord run, ThreadRecord? newThread = null, Actor? actor = null) => new()
    {
        Actor = actor ?? Alice,
        Run = run,
        NewThread = newThread,
    };

    /// <summary>Checkpoint ids and ordinals of one number, so that both are in the order of creation.</summary>
    protected static CheckpointRecord NewCheckpoint(
        ThreadId threadId, int number, RunId? runId = null, int? parent = null, string source = "loop", string ns = "") =>
        new()
        {
            ThreadId = threadId,
            Namespace = ns,
            CheckpointId = IdOf(number),
            ParentId = parent is { } given ? IdOf(given) : null,
            RunId = runId,
            Ordinal = number,
            Source = source,
            Metadata = """{"step":1}""",
            Body = new byte[] { 1, 2, (byte)number },
            CreatedAt = At(number),
        };

    protected static CheckpointId IdOf(int number) => CheckpointId.Parse($"1f000000-0000-6000-8000-{number:x12}");

    protected static MessageRecord NewMessage(RunId runId, string content) => new()
    {
        RunId = runId,
        Content = System.Text.Encoding.UTF8.GetBytes(content),
        CreatedAt = At(1),
    };

    /// <summary>A block of one event.</summary>
    protected static StreamBlock NewStreamEvent(long seq) => NewStreamBlock(seq, seq);

    protected static StreamBlock NewStreamBlock(long first, long last) =>
        new(first, last, new byte[] { 7, (byte)first }, At(first)) { Format = 1 };

    protected static RunFinish Finish(RunAttempt attempt) => new()
    {
        ThreadId = attempt.ThreadId,
        RunId = attempt.RunId,
        Attempt = attempt.Attempt,
        Status = RunStatus.Success,
        Thread = new ThreadOutcome(ThreadStatus.Idle),
        Now = At(9),
    };

    protected async Task<ThreadRecord> AddThreadAsync(Actor? actor = null)
    {
        var thread = NewThread(actor);
        (await Storage.Threads.TryCreateAsync(thread, Token)).ShouldBeTrue();
        return thread;
    }

    /// <summary>The first attempt of a run.</summary>
    protected static RunAttempt FirstOf(RunRecord run) => new(run.ThreadId, run.RunId, 1);

    /// <summary>Adds a run of a thread that is there.</summary>
    protected async Task<RunRecord> AddRunAsync(ThreadId threadId, double second = 0)
    {
        var run = NewRun(threadId, second);
        (await Storage.Runs.CreateAsync(Creation(run), Token)).ShouldBe(RunCreated.Created);
        return run;
    }

    /// <summary>Adds a run with a delay, which later ones may pass.</summary>
    protected async Task<RunRecord> AddDelayedAsync(ThreadId threadId, double second = 0)
    {
        var run = NewRun(threadId, second) with { NotBefore = At(second) };
        (await Storage.Runs.CreateAsync(Creation(run), Token)).ShouldBe(RunCreated.Created);
        return run;
    }

    /// <summary>Adds and starts a run.</summary>
    protected async Task<RunAttempt> StartRunAsync(ThreadId threadId)
    {
        var attempt = FirstOf(await AddRunAsync(threadId));
        (await Storage.Runs.TryStartAsync(attempt, At(1), Token)).ShouldNotBeNull();
        return attempt;
    }

    /// <summary>Adds checkpoints without a run, as an edit does.</summary>
    protected async Task EditAsync(ThreadRecord thread, params CheckpointRecord[] checkpoints) =>
        (await Storage.Checkpoints.ApplyEditAsync(await EditOfAsync(thread, checkpoints), Token)).ShouldBe(WriteResult.Applied);

    /// <summary>Makes an edit of a thread as it is now.</summary>
    protected async Task<ThreadEdit> EditOfAsync(ThreadRecord thread, params CheckpointRecord[] checkpoints) =>
        new() { ThreadId = thread.ThreadId, Version = await VersionOfAsync(thread), Checkpoints = checkpoints, Now = At(2) };

    protected async Task PruneAsync(ThreadRecord thread, params IReadOnlyList<CheckpointRecord> kept) =>
        (await Storage.Checkpoints.PruneAsync(thread.ThreadId, await VersionOfAsync(thread), kept, Token)).ShouldBe(WriteResult.Applied);

    protected async Task<long> VersionOfAsync(ThreadRecord thread) =>
        (await Storage.Threads.FindAsync(new Actor(thread.Owner), thread.ThreadId, Token)).ShouldNotBeNull().Version;

    /// <summary>All of an actor's runs that have not ended, in the order of creation.</summary>
    protected async Task<IReadOnlyList<RunRecord>> UnfinishedAsync(Actor? actor = null) =>
        [.. (await Storage.Runs.SearchUnfinishedAsync(actor ?? Alice, null, null, 1_000, Token)).Reverse()];

    /// <summary>What the newest checkpoint may refer to.</summary>
    protected async Task<IReadOnlyList<StoredBody>> RangeAsync(ThreadId threadId, string ns, long from, long to) =>
        await Storage.Checkpoints.FindAsync(threadId, ns, null, Token) is { } newest
            ? await Storage.Checkpoints.ReadRangeAsync(threadId, ns, newest.CheckpointId, from, to, Token)
            : [];

    /// <summary>The checkpoints before an id, or all, the newest first.</summary>
    protected async Task<IReadOnlyList<CheckpointRecord>> ListAsync(ThreadId threadId, string ns, CheckpointId? before, int limit)
    {
        var page = await Storage.Checkpoints.ReadAsync(threadId, ns, new CheckpointRange { Before = before, Limit = limit }, Token);
        page.Successors.ShouldBeEmpty();
        return [.. page.Entries.Select(entry => entry.Checkpoint)];
    }

    /// <summary>The outcomes of the tasks of a checkpoint; none when there is no such checkpoint.</summary>
    protected async Task<IReadOnlyList<TaskOutcomeRecord>> ListOutcomesAsync(ThreadId threadId, string ns, CheckpointId id) =>
        (await Storage.Checkpoints.ReadAsync(threadId, ns, new CheckpointRange { Id = id, Limit = 1 }, Token)).Entries is [var entry]
            ? entry.Outcomes
            : [];

    /// <summary>The messages that a run added to its thread.</summary>
    protected Task<IReadOnlyList<MessageRecord>> MessagesAsync(ThreadId threadId, RunId runId) =>
        Storage.Messages.ListByRunAsync(threadId, runId, 1000, null, null, Token);

    public async ValueTask DisposeAsync()
    {
        await storage.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}

using Weft.Runs;

namespace Weft.Storage.Sqlite;

/// <summary>Keeps the runs of threads.</summary>
internal sealed class SqliteRunStore(SqliteDatabase database) : IRunStore
{
    // Few, so that other writes do not wait long.
    private const int TimelinesAtOnce = 200;

    // The column released has no reader any more.
    private const string Insert = """
        INSERT INTO runs (
            thread_key, run_id, assistant_id, status, attempt, metadata, multitask_strategy, kwargs, not_before, error, created_at, updated_at,
            cancel_action, cancel_reason, owner, released, headers, begun, request_key, request_hash,
            started_at)
        SELECT
            thread_key, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, 0, ?16,
            ?17, ?20, ?21, ?22
        FROM threads WHERE thread_id = ?1 AND owner = ?15 AND (?18 IS NULL OR metadata = ?18) AND (?17 = 0 OR begun = ?17 - ?19)
            AND (?23 IS NULL OR version = ?23)
            AND (?24 = 0 OR ?25 IS (SELECT updated_at FROM assistants WHERE assistants.owner = ?15 AND assistants.assistant_id = ?3))
        ON CONFLICT (run_id) DO NOTHING
        """;

    private const string FindAdded = $"SELECT 1 FROM runs WHERE thread_key = {ThreadRows.Key} AND run_id = ?2 AND owner = ?3";

    private const string FindByRequest =
        $"SELECT {RunRows.Columns}, request_hash FROM runs WHERE owner = ?1 AND request_key = ?2";

    private const string HasRequest = "SELECT 1 FROM runs WHERE owner = ?1 AND request_key = ?2 AND run_id <> ?3";

    // OR IGNORE: another run of the thread may be running.
    private const string Start = $"""
        UPDATE OR IGNORE runs
        SET status = 'running', attempt = ?3, updated_at = ?4, started_at = coalesce(started_at, ?4),
            begun = CASE begun WHEN 0 THEN (SELECT threads.begun + 1 FROM threads WHERE threads.thread_key = runs.thread_key) ELSE begun END
        WHERE thread_key = {ThreadRows.Key} AND run_id = ?2 AND attempt = ?3 - 1 AND status IN ('pending', 'running')
        """;

    // The number of rows that the thread has. While a run executes, only that run adds rows: no other run executes, and
    // no edit is made.
    private const string Work = """
        (SELECT count(*) FROM checkpoints WHERE checkpoints.thread_key = runs.thread_key)
        + (SELECT count(*) FROM task_outcomes WHERE task_outcomes.thread_key = runs.thread_key)
        """;

    // Before its first attempt a run has stored nothing, so the first attempt needs no mark.
    private const string Crashes = $"CASE WHEN work_at_start = {Work} THEN crashes + 1 ELSE 1 END";

    private const string CountCrashes = $"SELECT {Crashes} FROM runs WHERE thread_key = {ThreadRows.Key} AND run_id = ?2";

    private const string MarkWork = $"""
        UPDATE runs
        SET crashes = CASE WHEN status = 'running' THEN {Crashes} WHEN work_at_start = {Work} THEN crashes ELSE 0 END, work_at_start = {Work}
        WHERE thread_key = {ThreadRows.Key} AND run_id = ?2 AND attempt = ?3 - 1 AND status IN ('pending', 'running')
        """;

    // The run before it may have left the thread at a failure or a question (docs/protocol/threads.md C2).
    private const string MakeThreadBusy = """
        UPDATE threads
        SET status = 'busy', updated_at = CASE WHEN status = 'busy' THEN updated_at ELSE ?3 END, version = version + 1,
            begun = max(begun, (SELECT runs.begun FROM runs WHERE run_id = ?2))
        WHERE thread_id = ?1
        """;

    private const string FindStarted = $"""
        SELECT begun FROM runs
        WHERE thread_key = {ThreadRows.Key} AND run_id = ?2 AND attempt = ?3 AND status = 'running' AND updated_at = ?4
        """;

    private const string Release = $"""
        UPDATE runs SET status = 'pending', updated_at = ?4,
            timeline = CASE WHEN timeline IS NULL THEN ?5 ELSE CAST(timeline || coalesce(?5, x'') AS BLOB) END
        WHERE thread_key = {ThreadRows.Key} AND run_id = ?2 AND attempt = ?3 AND status = 'running'
        """;

    private const string IsReleased = $"""
        SELECT 1 FROM runs
        WHERE thread_key = {ThreadRows.Key} AND run_id = ?2 AND attempt = ?3 AND status = 'pending' AND updated_at = ?4
        """;

    private const string RequestCancel = $"""
        UPDATE runs
        SET cancel_action = coalesce(cancel_action, ?3), cancel_reason = CASE WHEN cancel_action IS NULL THEN ?4 ELSE cancel_reason END, updated_at = ?5
        WHERE thread_key = {ThreadRows.Key} AND run_id = ?2 AND status IN ('pending', 'running')
        """;

    // A success leaves the index of searches unchanged, so it has statements of its own.
    private const string End = $"""
        status = ?3, error = ?4, updated_at = ?5, error_name = ?6, usage = ?7, headers = NULL,
        timeline = CASE WHEN timeline IS NULL THEN ?8 ELSE CAST(timeline || coalesce(?8, x'') AS BLOB) END
        """;

    private const string BadEnd = $"{End}, unsuccessful = 1";
    private const string WhereRunning = "WHERE runs.run_id = ?1 AND attempt = ?2 AND status = 'running'";
    private const string TakeIn = "kwargs = ?9, kwargs_pieces = ?10, kwargs_checkpoint = checkpoint_key FROM checkpoints";
    private const string WhereTakenIn =
        $"{WhereRunning} AND checkpoints.thread_key = runs.thread_key AND ns = '' AND checkpoint_id = ?11";

    private const string SucceedRunning = $"UPDATE runs SET {End} {WhereRunning}";
    private const string FailRunning = $"UPDATE runs SET {BadEnd} {WhereRunning}";
    private const string SucceedTakenIn = $"UPDATE runs SET {End}, {TakeIn} {WhereTakenIn}";
    private const string FailTakenIn = $"UPDATE runs SET {BadEnd}, {TakeIn} {WhereTakenIn}";

    private const string FinishPending = """
        UPDATE runs SET status = ?2, error = ?3, updated_at = ?4, error_name = ?5, headers = NULL, unsuccessful = ?2 <> 'success'
        WHERE run_id = ?1 AND status = 'pending'
        """;

    private const string HasEnded = """
        SELECT 1 FROM runs
        WHERE run_id = ?1 AND (?2 IS NULL OR attempt = ?2) AND status = ?3 AND updated_at = ?4
        """;

    private const string FindTimeline =
        $"SELECT timeline FROM runs WHERE thread_key = {ThreadRows.Key} AND run_id = ?2 AND timeline IS NOT NULL";

    private const string DeleteTimelines = """
        UPDATE runs SET timeline = NULL
        WHERE run_key IN (
            SELECT run_key FROM runs
            WHERE timeline IS NOT NULL AND updated_at < ?1 AND status NOT IN ('pending', 'running') LIMIT ?2)
        """;

    private const string FindRun = $"SELECT {RunRows.Columns} FROM runs WHERE run_id = ?1 AND owner = ?2";

    public Task<RunCreated> CreateAsync(RunCreation creation, CancellationToken cancellationToken) => database.WriteAsync(
        connection => Add(connection, creation), cancellationToken);

    public Task CreateAllAsync(IReadOnlyList<RunCreation> creations, CancellationToken cancellationToken) => database.WriteAsync(
        connection => creations.All(creation => Add(connection, creation) == RunCreated.Created
            ? true
            : throw new InvalidOperationException($"Thread {creation.Run.ThreadId} exists.")),
        cancellationToken);

    public Task<long?> TryStartAsync(RunAttempt attempt, DateTimeOffset now, CancellationToken cancellationToken) => database.WriteAsync(
        connection =>
        {
            if (attempt.Attempt > 1)
            {
                Use(connection, MarkWork, attempt.Run).Add(attempt.Attempt).Execute();
            }

            if (Use(connection, Start, attempt.Run).Add(attempt.Attempt).Add(now).Execute() == 1)
            {
                Use(connection, MakeThreadBusy, attempt.Run).Add(now).Execute();
            }

            return Use(connection, FindStarted, attempt.Run).Add(attempt.Attempt).Add(now).First<long?>(row => row.Integer(0));
        },
        cancellationToken);

    public Task<bool> TryReleaseAsync(
        RunAttempt attempt, ReadOnlyMemory<byte>? timeline, DateTimeOffset now, CancellationToken cancellationToken) => database.WriteAsync(
        connection => Use(connection, Release, attempt.Run).Add(attempt.Attempt).Add(now).Add(timeline).Execute() == 1
            || Is(Use(connection, IsReleased, attempt.Run).Add(attempt.Attempt).Add(now)),
        cancellationToken);

    public Task<bool> TryRequestCancelAsync(
        RunKey run, CancelRequest request, DateTimeOffset now, CancellationToken cancellationToken) => database.WriteAsync(
        connection => Use(connection, RequestCancel, run).Add(request.Action.ToWire()).Add(request.Reason).Add(now).Execute() == 1,
        cancellationToken);

    public async Task<long?> TryFinishAsync(RunFinish finish, CancellationToken cancellationToken)
    {
        // Computed here, not on the writer's loop.
        var taken = finish is { Input: { } input, DropInput: false, DeleteThread: false }
            ? SharedPieces.Take(input.Kwargs.Span, input.Pieces)
            : default;
        // One server uses the database, so nobody compares versions.
        return await database.WriteAsync(connection => TryFinish(connection, finish, taken), cancellationToken) ? 0 : null;
    }

    public Task<WriteResult> DeleteAsync(
        RunKey run,
        int? attempt,
        ThreadOutcome? outcome,
        WebhookRecord? webhook,
        DateTimeOffset now,
        CancellationToken cancellationToken) => database.WriteAsync(
        connection =>
        {
            var result = RunRemoval.Remove(connection, run, attempt);
            if (result == WriteResult.Applied)
            {
                ThreadRows.Change(connection, run.ThreadId, outcome, now);
                AddWebhook(connection, webhook);
            }

            return result;
        },
        cancellationToken);

    public Task<RunRecord?> FindAsync(Actor actor, RunId runId, CancellationToken cancellationToken) => database.ReadAsync(
        connection => connection.Use(FindRun).Add(runId.Value).Add(actor.Id).First(RunRows.Read) is { } run
            && RunLists.Sees(connection, actor, run)
            ? run
            : null,
        cancellationToken);

    public Task<ReadOnlyMemory<byte>?> FindTimelineAsync(RunKey run, CancellationToken cancellationToken) => database.ReadAsync(
        connection => Use(connection, FindTimeline, run).First<ReadOnlyMemory<byte>?>(row => row.Bytes(0).ToArray()), cancellationToken);

    public async Task<int> DeleteTimelinesAsync(DateTimeOffset endedBefore, CancellationToken cancellationToken)
    {
        var deleted = 0;
        for (var count = TimelinesAtOnce; count == TimelinesAtOnce; deleted += count)
        {
            count = await database.WriteAsync(
                connection => connection.Use(DeleteTimelines).Add(endedBefore).Add(TimelinesAtOnce).Execute(), cancellationToken);
        }

        return deleted;
    }

    public Task<RepeatedRun?> FindRepeatedAsync(Actor actor, RequestKey request, CancellationToken cancellationToken) => database.ReadAsync(
        connection => connection.Use(FindByRequest)
            .Add(actor.Id).Add(KeyOf(request))
            .First(row => new RepeatedRun(RunRows.Read(row), row.Text(RunRows.ColumnCount))),
        cancellationToken);

    public async Task<LazyPage<RunRecord>> OpenSearchAsync(
        Actor actor, ThreadId threadId, RunStatus? status, int limit, int offset, CancellationToken cancellationToken)
    {
        var found = await database.ReadAsync(
            connection => RunLists.OfThread(connection, actor, threadId, status, limit, offset), cancellationToken);
        return PageOf(found, actor, run => status is null || run.Status == status);
    }

    public async Task<LazyPage<RunRecord>> OpenPendingAsync(
        Actor actor, ThreadId threadId, int limit, int offset, CancellationToken cancellationToken)
    {
        var found = await database.ReadAsync(
            connection => RunLists.Pending(connection, actor, threadId, limit, offset), cancellationToken);
        return PageOf(found, actor, static run => run.Status == RunStatus.Pending);
    }

    public Task<IReadOnlyList<RunPlace>> ListUnfinishedAsync(
        Actor actor, RunStatus? status, RunPlace? after, int limit, CancellationToken cancellationToken) =>
        database.ReadAsync(connection => RunLists.Unfinished(connection, actor, status, after, limit), cancellationToken);

    public async Task<RunPage> SearchAllAsync(Actor actor, RunQuery query, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var (found, next) = await database.ReadOrScanAsync(
            (connection, budget) => RunSearch.Search(connection, budget, actor, query, now), cancellationToken);
        return new RunPage(PageOf(found, actor, run => RunCandidate.Of(run).Matches(query, now)), next);
    }

    public Task<RunCounts> CountAllAsync(
        Actor actor, RunQuery query, DateTimeOffset now, CancellationToken cancellationToken) => database.ReadOrScanAsync(
        (connection, budget) => RunSearch.Count(connection, budget, actor, query, now), cancellationToken);

    public Task<IReadOnlyList<UnfinishedRun>> ListUnfinishedRunsAsync(ThreadId threadId, CancellationToken cancellationToken) =>
        database.ReadAsync(connection => RunLists.UnfinishedRuns(connection, threadId), cancellationToken);

    public Task<IReadOnlyList<UnfinishedThread>> ListUnfinishedThreadsAsync(
        UnfinishedThread? after, int limit, CancellationToken cancellationToken) =>
        database.ReadAsync(connection => RunLists.UnfinishedThreads(connection, after, limit), cancellationToken);

    public Task<ThreadUsage> SumUsageAsync(Actor actor, ThreadId threadId, CancellationToken cancellationToken) => database.ReadOrScanAsync(
        (connection, budget) => UsageText.Sum(connection, actor, threadId, budget), cancellationToken);

    public Task<int> CountCrashesAsync(RunKey run, CancellationToken cancellationToken) => database.ReadAsync(
        connection => Use(connection, CountCrashes, run).First(row => (int)row.Integer(0)), cancellationToken);

    private LazyPage<RunRecord> PageOf(PageRows<RunRecord> found, Actor actor, Func<RunRecord, bool> matches) =>
        LazyRows.Of(database, found, (connection, row) => RunLists.Find(connection, actor, matches, row));

    private static Statement Use(StoreConnection connection, string sql, RunKey run) =>
        connection.Use(sql).Add(run.ThreadId.Value).Add(run.RunId.Value);

    /// <summary>Returns the stored key. A thread id has no '/'.</summary>
    private static string KeyOf(RequestKey request) => $"{request.ThreadId?.Value}/{request.Key}";

    private static bool Is(Statement found) => found.First(row => row.Integer(0)) == 1;

    private static RunCreated Add(StoreConnection connection, RunCreation creation)
    {
        var run = creation.Run;
        if (creation.Cron is { } due && !CronRows.MayStep(connection, due))
        {
            return IsAdded(connection, creation) ? RunCreated.Created : RunCreated.CronChanged;
        }

        var requestKey = creation.Request is { } request ? KeyOf(request) : null;
        if (requestKey is not null && Is(connection.Use(HasRequest).Add(creation.Actor.Id).Add(requestKey).Add(run.RunId.Value)))
        {
            return RunCreated.Repeated;
        }

        if (creation.NewThread is { } thread && !ThreadRows.TryAddBusy(connection, thread, creation))
        {
            return RefusalOf(connection, creation);
        }

        var added = connection.Use(Insert)
            .Add(run.ThreadId.Value).Add(run.RunId.Value).Add(run.AssistantId.Value).Add(run.Status.ToWire()).Add(run.Attempt)
            .Add(MetadataText.OfRun(run.Metadata, run.AssistantId.ToString())).Add(run.MultitaskStrategy.ToWire())
            .Add(run.Kwargs).Add(run.NotBefore).Add(run.Error)
            .Add(run.CreatedAt).Add(run.UpdatedAt).Add(run.CancelRequest?.Action.ToWire()).Add(run.CancelRequest?.Reason)
            .Add(creation.Actor.Id)
            .Add(run.Headers).Add(run.StartOrder).Add(creation.ThreadMetadata?.From).Add(creation.NewThread is null ? 1L : 0L)
            .Add(requestKey).Add(creation.Request?.BodyHash).Add(run.StartedAt)
            .Add(creation.ThreadVersion).Add(creation.Assistant is null ? 0L : 1L).Add(creation.Assistant?.UpdatedAt)
            .Execute() == 1;
        if (!added)
        {
            return RefusalOf(connection, creation);
        }

        if (creation.NewThread is null)
        {
            ThreadRows.MakeBusy(connection, creation);
        }

        if (creation.Cron is { } step)
        {
            CronRows.Step(connection, step);
        }

        return RunCreated.Created;
    }

    /// <summary>Returns why a run was not added. A run that was added before counts as created.</summary>
    private static RunCreated RefusalOf(StoreConnection connection, RunCreation creation) =>
        IsAdded(connection, creation) ? RunCreated.Created
        : ThreadRows.IsSeen(connection, creation.Run.ThreadId, creation.Actor) ? RunCreated.ThreadChanged
        : RunCreated.ThreadMissing;

    private static bool IsAdded(StoreConnection connection, RunCreation creation) =>
        Is(Use(connection, FindAdded, creation.Run.Key).Add(creation.Actor.Id));

    private static bool TryFinish(StoreConnection connection, RunFinish finish, (byte[] Left, byte[] Pieces) taken)
    {
        if (!TrySetEnd(connection, finish, taken))
        {
            return Is(connection.Use(HasEnded).Add(finish.RunId.Value).Add(finish.Attempt).Add(finish.Status.ToWire()).Add(finish.Now));
        }

        AddWebhook(connection, finish.Webhook);
        if (finish.DeleteThread)
        {
            ThreadRows.Remove(connection, finish.ThreadId);
            return true;
        }

        if (finish.DropInput)
        {
            RunRows.DropInput(connection, finish.RunId);
        }

        ThreadRows.Change(connection, finish.ThreadId, finish.Thread, finish.Now);
        if (finish.ThreadTtl is { } ttl)
        {
            ThreadRows.SetTtl(connection, finish.ThreadId, ttl, finish.Now);
        }

        ThreadEventRows.AppendLast(connection, finish.RunId, finish.StreamEvents);
        return true;
    }

    private static void AddWebhook(StoreConnection connection, WebhookRecord? webhook)
    {
        if (webhook is not null)
        {
            WebhookRows.Add(connection, webhook);
        }
    }

    private static bool TrySetEnd(StoreConnection connection, RunFinish finish, (byte[] Left, byte[] Pieces) taken)
    {
        if (finish.Attempt is not { } attempt)
        {
            return connection.Use(FinishPending)
                .Add(finish.RunId.Value).Add(finish.Status.ToWire()).Add(finish.Error).Add(finish.Now)
                .Add(finish.ErrorName).Execute() == 1;
        }

        var isSuccess = finish.Status == RunStatus.Success;
        if (taken.Left is not null
            && UseEnd(isSuccess ? SucceedTakenIn : FailTakenIn, attempt)
                .Add(taken.Left).Add(taken.Pieces).Add(finish.Input!.CheckpointId.Value).Execute() == 1)
        {
            return true;
        }

        return UseEnd(isSuccess ? SucceedRunning : FailRunning, attempt).Execute() == 1;

        Statement UseEnd(string sql, int number) => connection.Use(sql)
            .Add(finish.RunId.Value).Add(number).Add(finish.Status.ToWire()).Add(finish.Error).Add(finish.Now).Add(finish.ErrorName)
            .Add(UsageText.Of(finish.Usage)).Add(finish.Timeline);
    }
}

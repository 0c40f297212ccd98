using Weft.Runs;

namespace Weft.Storage.Sqlite;

/// <summary>Keeps the runs of threads.</summary>
internal sealed class SqliteRunStore(SqliteDatabase database) : IRunStore
{
    private const string Insert = $"""
        INSERT INTO runs (
            thread_key, run_id, assistant_id, status, attempt, metadata, multitask_strategy, kwargs, not_before, error, created_at, updated_at,
            cancel_action, cancel_reason, owner, released, headers)
        VALUES ({ThreadRows.Key}, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)
        """;

    // Ignored: that another run of the thread is running.
    private const string Start = """
        UPDATE OR IGNORE runs SET status = 'running', attempt = ?2, updated_at = ?3
        WHERE run_id = ?1 AND attempt = ?2 - 1 AND status IN ('pending', 'running')
        """;

    // What a run has stored by now, and the run alone: no other one executes, and no edit is made.
    private const string Work = """
        (SELECT count(*) FROM checkpoints WHERE checkpoints.thread_key = runs.thread_key)
        + (SELECT count(*) FROM task_outcomes WHERE task_outcomes.thread_key = runs.thread_key)
        """;

    // Before its first attempt a run has stored nothing, so that one needs no mark.
    private const string Crashes = $"CASE WHEN work_at_start = {Work} THEN crashes + 1 ELSE 1 END";

    private const string CountCrashes = $"SELECT {Crashes} FROM runs WHERE run_id = ?1";

    private const string MarkWork = $"""
        UPDATE runs
        SET crashes = CASE WHEN status = 'running' THEN {Crashes} WHEN work_at_start = {Work} THEN crashes ELSE 0 END, work_at_start = {Work}
        WHERE run_id = ?1 AND attempt = ?2 - 1 AND status IN ('pending', 'running')
        """;

    // The run before it may have left the thread at a failure or a question (protocol, section C2).
    private const string MakeThreadBusy = """
        UPDATE threads SET status = 'busy', updated_at = ?2
        WHERE thread_key = (SELECT thread_key FROM runs WHERE run_id = ?1) AND status <> 'busy'
        """;

    private const string Release = """
        UPDATE runs SET status = 'pending', released = released + 1, updated_at = ?3
        WHERE run_id = ?1 AND attempt = ?2 AND status = 'running'
        """;

    private const string RequestCancel = """
        UPDATE runs
        SET cancel_action = coalesce(cancel_action, ?2), cancel_reason = CASE WHEN cancel_action IS NULL THEN ?3 ELSE cancel_reason END, updated_at = ?4
        WHERE run_id = ?1 AND status IN ('pending', 'running')
        """;

    private const string FinishRunning = """
        UPDATE runs SET status = ?3, error = ?4, updated_at = ?5, headers = NULL
        WHERE run_id = ?1 AND attempt = ?2 AND status = 'running'
        """;

    private const string FinishPending = """
        UPDATE runs SET status = ?2, error = ?3, updated_at = ?4, headers = NULL
        WHERE run_id = ?1 AND status = 'pending'
        """;

    private const string FindRun = $"SELECT {RunRows.Columns} FROM runs WHERE run_id = ?1 AND owner = ?2";

    // By key, which is the order of creation, and the order of each thread's entries in the index.
    private const string Search = $"""
        SELECT {RunRows.Columns} FROM runs
        WHERE thread_key = {ThreadRows.Key} AND owner = ?2 AND (?3 IS NULL OR status = ?3)
        ORDER BY run_key DESC LIMIT ?4 OFFSET ?5
        """;

    // Each of the two has an index of its own, so that a run which starts at once is in one only.
    private const string ListUnfinished = $"""
        SELECT {RunRows.Columns} FROM runs
        WHERE run_key IN (SELECT run_key FROM runs WHERE status = 'pending' UNION ALL SELECT run_key FROM runs WHERE status = 'running')
        ORDER BY run_key
        """;

    private const string ListUnfinishedOfThread = $"""
        SELECT {RunRows.Columns} FROM runs
        WHERE thread_key = {ThreadRows.Key} AND run_key IN (
            SELECT run_key FROM runs WHERE status = 'pending' AND thread_key = {ThreadRows.Key}
            UNION ALL SELECT run_key FROM runs WHERE status = 'running' AND thread_key = {ThreadRows.Key})
        ORDER BY status = 'running' DESC, run_key
        """;

    private const string ListUnfinishedThreads = """
        SELECT (SELECT thread_id FROM threads WHERE threads.thread_key = unfinished.thread_key)
        FROM (
            SELECT thread_key, run_key FROM runs WHERE status = 'pending'
            UNION ALL SELECT thread_key, run_key FROM runs WHERE status = 'running') AS unfinished
        GROUP BY thread_key ORDER BY min(run_key)
        """;

    public Task<RunCreated> CreateAsync(RunCreation creation, CancellationToken cancellationToken) => database.WriteAsync(
        connection => TryAdd(connection, creation) ? RunCreated.Created : RunCreated.ThreadMissing, cancellationToken);

    public Task CreateAllAsync(IReadOnlyList<RunCreation> creations, CancellationToken cancellationToken) => database.WriteAsync(
        connection => creations.All(creation => TryAdd(connection, creation) ? true : throw new InvalidOperationException($"Thread {creation.Run.ThreadId} is another's.")),
        cancellationToken);

    public Task<bool> TryStartAsync(RunId runId, int attempt, DateTimeOffset now, CancellationToken cancellationToken) => database.WriteAsync(
        connection =>
        {
            if (attempt > 1)
            {
                connection.Use(MarkWork).Add(runId.Value).Add(attempt).Execute();
            }

            if (connection.Use(Start).Add(runId.Value).Add(attempt).Add(now).Execute() == 0)
            {
                return false;
            }

            connection.Use(MakeThreadBusy).Add(runId.Value).Add(now).Execute();
            return true;
        },
        cancellationToken);

    public Task<bool> TryReleaseAsync(RunAttempt attempt, DateTimeOffset now, CancellationToken cancellationToken) => database.WriteAsync(
        connection => connection.Use(Release).Add(attempt.RunId.Value).Add(attempt.Attempt).Add(now).Execute() == 1, cancellationToken);

    public Task<bool> TryRequestCancelAsync(RunId runId, CancelRequest request, DateTimeOffset now, CancellationToken cancellationToken) => database.WriteAsync(
        connection => connection.Use(RequestCancel).Add(runId.Value).Add(request.Action.ToWire()).Add(request.Reason).Add(now).Execute() == 1, cancellationToken);

    public Task<bool> TryFinishAsync(RunFinish finish, CancellationToken cancellationToken) => database.WriteAsync(
        connection =>
        {
            if (!TrySetEnd(connection, finish))
            {
                return false;
            }

            if (finish.DeleteThread)
            {
                return ThreadRows.TryRemove(connection, finish.ThreadId, null);
            }

            if (finish.DropInput)
            {
                RunRows.DropInput(connection, finish.RunId);
            }
            else if (finish.InputCheckpointId is { } input)
            {
                RunRows.ShareInput(connection, finish.ThreadId, finish.RunId, input);
            }

            if (finish.Thread is { } outcome)
            {
                ThreadRows.SetOutcome(connection, finish.ThreadId, outcome, finish.Now);
            }

            RunEventRows.Append(connection, finish.ThreadId, finish.Events);
            StreamEventRows.Append(connection, finish.RunId, finish.StreamEvents);
            return true;
        },
        cancellationToken);

    public Task<bool> DeleteAsync(ThreadId threadId, RunId runId, ThreadOutcome? outcome, DateTimeOffset now, CancellationToken cancellationToken) => database.WriteAsync(
        connection =>
        {
            if (!RunRemoval.TryRemove(connection, threadId, runId))
            {
                return false;
            }

            if (outcome is not null)
            {
                ThreadRows.SetOutcome(connection, threadId, outcome, now);
            }

            return true;
        },
        cancellationToken);

    public Task<RunRecord?> FindAsync(Actor actor, RunId runId, CancellationToken cancellationToken) => database.ReadAsync(
        connection => connection.Use(FindRun).Add(runId.Value).Add(actor.Id).First(RunRows.Read), cancellationToken);

    public Task<IReadOnlyList<RunRecord>> SearchAsync(Actor actor, ThreadId threadId, RunStatus? status, int limit, int offset, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<RunRecord>>(
            connection => connection.Use(Search).Add(threadId.Value).Add(actor.Id).Add(status?.ToWire()).Add(limit).Add(offset).List(RunRows.Read), cancellationToken);

    public Task<IReadOnlyList<RunRecord>> ListUnfinishedAsync(CancellationToken cancellationToken) => database.ReadAsync<IReadOnlyList<RunRecord>>(
        connection => connection.Use(ListUnfinished).List(RunRows.Read), cancellationToken);

    public Task<IReadOnlyList<RunRecord>> ListUnfinishedAsync(ThreadId threadId, CancellationToken cancellationToken) => database.ReadAsync<IReadOnlyList<RunRecord>>(
        connection => connection.Use(ListUnfinishedOfThread).Add(threadId.Value).List(RunRows.Read), cancellationToken);

    public Task<IReadOnlyList<ThreadId>> ListUnfinishedThreadsAsync(CancellationToken cancellationToken) => database.ReadAsync<IReadOnlyList<ThreadId>>(
        connection => connection.Use(ListUnfinishedThreads).List(row => new ThreadId(row.Text(0))), cancellationToken);

    public Task<int> CountCrashesAsync(RunId runId, CancellationToken cancellationToken) => database.ReadAsync(
        connection => connection.Use(CountCrashes).Add(runId.Value).First(row => (int)row.Integer(0)), cancellationToken);

    private static bool TryAdd(StoreConnection connection, RunCreation creation)
    {
        var newThread = creation.NewThread is { } given
            ? given with
            {
                Status = ThreadStatus.Busy,
                Metadata = JsonMembers.Merge(given.Metadata, creation.ThreadMetadata),
                GraphConfig = creation.GraphConfig,
                UpdatedAt = creation.Run.CreatedAt,
            }
            : null;
        if (!ThreadRows.TryMakeBusy(connection, creation, newThread))
        {
            return false;
        }

        var run = creation.Run;
        return connection.Use(Insert)
            .Add(run.ThreadId.Value).Add(run.RunId.Value).Add(run.AssistantId.Value).Add(run.Status.ToWire()).Add(run.Attempt)
            .Add(MetadataText.OfRun(run.Metadata, run.AssistantId.ToString())).Add(run.MultitaskStrategy.ToWire()).Add(run.Kwargs).Add(run.NotBefore).Add(run.Error)
            .Add(run.CreatedAt).Add(run.UpdatedAt).Add(run.CancelRequest?.Action.ToWire()).Add(run.CancelRequest?.Reason).Add(creation.Actor.Id).Add(run.Released).Add(run.Headers)
            .Execute() == 1;
    }

    private static bool TrySetEnd(StoreConnection connection, RunFinish finish)
    {
        var statement = finish.Attempt is { } attempt
            ? connection.Use(FinishRunning).Add(finish.RunId.Value).Add(attempt)
            : connection.Use(FinishPending).Add(finish.RunId.Value);
        return statement.Add(finish.Status.ToWire()).Add(finish.Error).Add(finish.Now).Execute() == 1;
    }
}

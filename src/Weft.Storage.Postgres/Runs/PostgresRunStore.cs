using Weft.Runs;

namespace Weft.Storage.Postgres;

/// <summary>Keeps the runs of threads.</summary>
internal sealed class PostgresRunStore(PostgresDatabase database) : IRunStore
{
    // Few, so that other writes do not wait long.
    private const int TimelinesAtOnce = 200;

    private const string Release = $"""
        UPDATE weft.runs
        SET status = 'pending', updated_at = $4, timeline = coalesce(timeline || coalesce($5::bytea, ''), $5)
        WHERE run_id = $2 AND thread_key = {ThreadRows.Key} AND attempt = $3 AND status = 'running'
        """;

    private const string IsReleased = $"""
        SELECT 1 FROM weft.runs
        WHERE run_id = $2 AND thread_key = {ThreadRows.Key} AND attempt = $3 AND status = 'pending' AND updated_at = $4
        """;

    private const string RequestCancel = $"""
        UPDATE weft.runs
        SET cancel_reason = CASE WHEN cancel_action IS NULL THEN $4 ELSE cancel_reason END, cancel_action = coalesce(cancel_action, $3),
            updated_at = $5
        WHERE run_id = $2 AND thread_key = {ThreadRows.Key} AND status IN ('pending', 'running')
        """;

    private const string FindStatus = "SELECT attempt, status, updated_at FROM weft.runs WHERE run_id = $1";

    private const string DropInput = """
        UPDATE weft.run_inputs SET kwargs = convert_to('{}', 'UTF8') WHERE run_key = (SELECT run_key FROM weft.runs WHERE run_id = $1)
        """;

    private const string FindTimeline = $"""
        SELECT timeline FROM weft.runs WHERE run_id = $2 AND thread_key = {ThreadRows.Key} AND timeline IS NOT NULL
        """;

    // A run that is deleted meanwhile, or that waits to be, is left out.
    private const string DeleteTimelines = """
        UPDATE weft.runs SET timeline = NULL
        WHERE run_key IN (
            SELECT run_key FROM weft.runs
            WHERE timeline IS NOT NULL AND updated_at < $1 AND status NOT IN ('pending', 'running')
            LIMIT $2 FOR UPDATE SKIP LOCKED)
        """;

    private const string FindRun = $"""
        SELECT {RunRows.Columns}, thread.metadata FROM weft.runs {RunRows.WithInput} WHERE run_id = $1 AND runs.owner = $2
        """;

    private const string FindByRequest = $"""
        SELECT {RunRows.Columns}, runs.request_hash FROM weft.runs {RunRows.WithInput} WHERE runs.owner = $1 AND request_key = $2
        """;

    public async Task<RunCreated> CreateAsync(RunCreation creation, CancellationToken cancellationToken)
    {
        var threadId = creation.Run.ThreadId;
        if (RunAddition.IsRare(creation))
        {
            return await database.WriteAsync(threadId, session => RunAddition.AddAsync(session, creation), cancellationToken);
        }

        return await database.WriteAsync(threadId, RunAdd.Kind, creation, cancellationToken)
            ? RunCreated.Created
            : await database.ReadAsync(session => RunAddition.RefusalOfAsync(session, creation), cancellationToken);
    }

    public Task CreateAllAsync(IReadOnlyList<RunCreation> creations, CancellationToken cancellationToken) => database.WriteAsync(
        async session =>
        {
            // In one order, so that those who add the same threads do not wait for each other.
            foreach (var creation in creations.OrderBy(static creation => creation.Run.ThreadId.Value, StringComparer.Ordinal))
            {
                if (await RunAddition.AddAsync(session, creation) != RunCreated.Created)
                {
                    throw new InvalidOperationException($"Thread {creation.Run.ThreadId} exists.");
                }
            }

            return true;
        },
        cancellationToken);

    public Task<long?> TryStartAsync(RunAttempt attempt, DateTimeOffset now, CancellationToken cancellationToken) =>
        database.WriteAsync(attempt.ThreadId, session => RunStart.TryStartAsync(session, attempt, now), cancellationToken);

    public Task<bool> TryReleaseAsync(
        RunAttempt attempt, ReadOnlyMemory<byte>? timeline, DateTimeOffset now, CancellationToken cancellationToken) => database.WriteAsync(
        attempt.ThreadId,
        async session => await Use(session, Release, attempt.Run).Add(attempt.Attempt).Add(now).Add(timeline).ExecuteAsync() == 1
            || await Use(session, IsReleased, attempt.Run).Add(attempt.Attempt).Add(now).FirstAsync(row => row.Integer(0)) == 1,
        cancellationToken);

    public Task<bool> TryRequestCancelAsync(
        RunKey run, CancelRequest request, DateTimeOffset now, CancellationToken cancellationToken) => database.WriteAsync(
        run.ThreadId,
        async session => await Use(session, RequestCancel, run)
            .Add(request.Action.ToWire()).Add(request.Reason).Add(now).ExecuteAsync() == 1,
        cancellationToken);

    public async Task<long?> TryFinishAsync(RunFinish finish, CancellationToken cancellationToken)
    {
        // The input is stored already; to share it with the checkpoint would cost another write.
        var kind = finish.DeleteThread ? (GroupedWrite<RunFinish, long?>)RunEndWithThread.Kind : RunEnd.Kind;
        var version = finish.Webhook is null && (!finish.DropInput || finish.DeleteThread)
            ? await database.WriteAsync(finish.ThreadId, kind, finish, cancellationToken)
            : await database.WriteAsync(finish.ThreadId, session => FinishAsync(session, kind, finish), cancellationToken);
        return version ?? (await database.ReadAsync(session => HasEndedAsync(session, finish), cancellationToken) ? 0 : null);
    }

    public Task<WriteResult> DeleteAsync(
        RunKey run,
        int? attempt,
        ThreadOutcome? outcome,
        WebhookRecord? webhook,
        DateTimeOffset now,
        CancellationToken cancellationToken) => database.WriteAsync(
        run.ThreadId,
        Removal.Of(async session =>
        {
            var (result, threadKey) = await RunRemoval.RemoveAsync(session, run, attempt);
            if (result == WriteResult.Applied)
            {
                await ThreadRows.ChangeAsync(session, threadKey, outcome, now);
                await ThreadHomeRows.LeaveAsync(session, threadKey);
                await AddWebhookAsync(session, webhook);
            }

            return result;
        }),
        cancellationToken);

    public Task<RunRecord?> FindAsync(Actor actor, RunId runId, CancellationToken cancellationToken) => database.ReadAsync(
        session => session.Use(FindRun).Add(runId.Value).Add(actor.Id)
            .FirstAsync(row => actor.SeesThread(row.Text(RunRows.ColumnCount)) ? RunRows.Read(row) : null),
        cancellationToken);

    public Task<ReadOnlyMemory<byte>?> FindTimelineAsync(RunKey run, CancellationToken cancellationToken) => database.ReadAsync(
        session => Use(session, FindTimeline, run).FirstAsync<ReadOnlyMemory<byte>?>(static row => row.Bytes(0)), cancellationToken);

    public async Task<int> DeleteTimelinesAsync(DateTimeOffset endedBefore, CancellationToken cancellationToken)
    {
        var deleted = 0;
        for (var count = TimelinesAtOnce; count == TimelinesAtOnce; deleted += count)
        {
            count = await database.WriteAsync(
                session => session.Use(DeleteTimelines).Add(endedBefore).Add((long)TimelinesAtOnce).ExecuteAsync(), cancellationToken);
        }

        return deleted;
    }

    public Task<RepeatedRun?> FindRepeatedAsync(Actor actor, RequestKey request, CancellationToken cancellationToken) => database.ReadAsync(
        session => session.Use(FindByRequest)
            .Add(actor.Id).Add(RunAdd.KeyOf(request))
            .FirstAsync(row => new RepeatedRun(RunRows.Read(row), row.Text(RunRows.ColumnCount))),
        cancellationToken);

    public async Task<LazyPage<RunRecord>> OpenSearchAsync(
        Actor actor, ThreadId threadId, RunStatus? status, int limit, int offset, CancellationToken cancellationToken) =>
        RunLists.PageOf(database, actor, await database.ReadAsync(
            session => RunLists.OfThreadAsync(session, actor, threadId, status, limit, offset), cancellationToken),
            run => status is null || run.Status == status);

    public async Task<LazyPage<RunRecord>> OpenPendingAsync(
        Actor actor, ThreadId threadId, int limit, int offset, CancellationToken cancellationToken) =>
        RunLists.PageOf(database, actor, await database.ReadSnapshotAsync(
            session => RunLists.PendingAsync(session, actor, threadId, limit, offset), cancellationToken),
            static run => run.Status == RunStatus.Pending);

    public Task<IReadOnlyList<RunPlace>> ListUnfinishedAsync(
        Actor actor, RunStatus? status, RunPlace? after, int limit, CancellationToken cancellationToken) =>
        database.SearchAsync(session => RunLists.UnfinishedAsync(session, actor, status, after, limit), cancellationToken);

    public async Task<RunPage> SearchAllAsync(Actor actor, RunQuery query, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var (found, next) = await database.SearchAsync(
            session => RunSearch.SearchAsync(session, actor, query, now), cancellationToken);
        return new RunPage(RunLists.PageOf(database, actor, found, run => RunCandidate.Of(run).Matches(query, now)), next);
    }

    public Task<RunCounts> CountAllAsync(Actor actor, RunQuery query, DateTimeOffset now, CancellationToken cancellationToken) =>
        database.SearchAsync(session => RunSearch.CountAsync(session, actor, query, now), cancellationToken);

    public Task<IReadOnlyList<UnfinishedRun>> ListUnfinishedRunsAsync(ThreadId threadId, CancellationToken cancellationToken) =>
        database.ReadAsync(session => RunLists.UnfinishedRunsAsync(session, threadId), cancellationToken);

    public Task<IReadOnlyList<UnfinishedThread>> ListUnfinishedThreadsAsync(
        UnfinishedThread? after, int limit, CancellationToken cancellationToken) =>
        database.ReadAsync(session => RunLists.UnfinishedThreadsAsync(session, after, limit), cancellationToken);

    public Task<ThreadUsage> SumUsageAsync(Actor actor, ThreadId threadId, CancellationToken cancellationToken) =>
        database.SearchAsync(session => RunLists.SumUsageAsync(session, actor, threadId), cancellationToken);

    public Task<int> CountCrashesAsync(RunKey run, CancellationToken cancellationToken) =>
        database.ReadAsync(session => RunStart.CountCrashesAsync(session, run), cancellationToken);

    private static Statement Use(Session session, string sql, RunKey run) =>
        session.Use(sql).Add(run.ThreadId.Value).Add(run.RunId.Value);

    private static async Task<long?> FinishAsync(Session session, GroupedWrite<RunFinish, long?> kind, RunFinish finish)
    {
        if (await kind.ApplyAsync(session, finish) is not { } version)
        {
            return null;
        }

        if (finish is { DropInput: true, DeleteThread: false })
        {
            await session.Use(DropInput).Add(finish.RunId.Value).ExecuteAsync();
        }

        await AddWebhookAsync(session, finish.Webhook);
        return version;
    }

    /// <summary>Whether a run that was not ended has this end already, because the write is a repetition.</summary>
    private static async Task<bool> HasEndedAsync(Session session, RunFinish finish)
    {
        var stored = await session.Use(FindStatus).Add(finish.RunId.Value)
            .FirstAsync<(int Attempt, string Status, long At)?>(row => ((int)row.Integer(0), row.Text(1), row.Integer(2)));
        // Microseconds are compared, because the time of an end is more precise than the column.
        return stored is { } run
            ? (finish.Attempt is not { } attempt || attempt == run.Attempt) && run.Status == finish.Status.ToWire()
                && run.At == UnixMicroseconds.From(finish.Now)
            : finish.DeleteThread;
    }

    private static Task AddWebhookAsync(Session session, WebhookRecord? webhook) =>
        webhook is null ? Task.CompletedTask : WebhookRows.AddAsync(session, webhook);
}

using Microsoft.Data.Sqlite;
using Weft.Runs;

namespace Weft.Storage.Sqlite;

internal sealed class SqliteRunStore(SqliteDatabase database) : IRunStore
{
    private const string RowColumns =
        "run_id, thread_id, assistant_id, status, attempt, metadata, multitask_strategy, kwargs, not_before, error, created_at, updated_at";

    private const string MakeThreadBusy =
        "UPDATE threads SET status = 'busy', metadata = json_merge(metadata, $3), config = $4, updated_at = $5 WHERE thread_id = $1 AND owner = $2";

    private const string MakeBusyThread =
        """
        INSERT INTO threads (thread_id, owner, status, metadata, config, interrupts, created_at, updated_at)
        VALUES ($1, $2, 'busy', json_merge($6, $3), $4, '{}', $5, $5)
        ON CONFLICT (thread_id) DO UPDATE
        SET status = 'busy', metadata = json_merge(threads.metadata, $3), config = excluded.config, updated_at = excluded.updated_at
        WHERE threads.owner = excluded.owner
        RETURNING created_at
        """;

    private const string Insert =
        $"INSERT INTO runs ({RowColumns}, owner) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";

    private const string Start =
        """
        UPDATE OR IGNORE runs SET status = 'running', attempt = $2, updated_at = $3
        WHERE run_id = $1 AND status IN ('pending', 'running') AND attempt = $2 - 1
        """;

    private const string Release =
        "UPDATE runs SET status = 'pending', attempt = attempt - 1, updated_at = $3 WHERE run_id = $1 AND status = 'running' AND attempt = $2";

    private const string FinishStarted =
        "UPDATE runs SET status = $2, error = $3, updated_at = $4 WHERE run_id = $1 AND status = 'running' AND attempt = $5";

    private const string FinishPending =
        "UPDATE runs SET status = $2, error = $3, updated_at = $4 WHERE run_id = $1 AND status = 'pending'";

    public async Task<RunCreated> CreateAsync(RunCreation creation, CancellationToken cancellationToken)
    {
        var (created, addedThread) = await database.WriteAsync(session => Create(session, creation), cancellationToken);
        if (addedThread)
        {
            database.ThreadCounts.Add(creation.Actor.Id, 1);
        }

        return created;
    }

    public Task<bool> TryStartAsync(RunId runId, int attempt, DateTimeOffset now, CancellationToken cancellationToken) =>
        database.WriteAsync(session => session[Start].Execute(Columns.Of(runId), attempt, Columns.Of(now)) == 1, cancellationToken);

    public Task<bool> TryReleaseAsync(RunAttempt attempt, DateTimeOffset now, CancellationToken cancellationToken) =>
        database.WriteAsync(session => session[Release].Execute(Columns.Of(attempt.RunId), attempt.Attempt, Columns.Of(now)) == 1, cancellationToken);

    public async Task<bool> TryFinishAsync(RunFinish finish, CancellationToken cancellationToken)
    {
        var (finished, owner) = await database.WriteAsync(session => Finish(session, finish), cancellationToken);
        if (owner is not null)
        {
            database.ThreadCounts.Add(owner, -1);
        }

        return finished;
    }

    public Task<bool> DeleteAsync(ThreadId threadId, RunId runId, ThreadOutcome? outcome, DateTimeOffset now, CancellationToken cancellationToken) =>
        database.WriteAsync(session => Delete(session, threadId, runId, outcome, now), cancellationToken);

    public Task<RunRecord?> FindAsync(Actor actor, RunId runId, CancellationToken cancellationToken) =>
        database.ReadAsync(session => session[$"SELECT {RowColumns} FROM runs WHERE run_id = $1 AND owner = $2"].First(Read, Columns.Of(runId), actor.Id), cancellationToken);

    public Task<IReadOnlyList<RunRecord>> SearchAsync(Actor actor, ThreadId threadId, RunStatus? status, int limit, int offset, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<RunRecord>>(
            session => session[$"SELECT {RowColumns} FROM runs WHERE thread_id = $1 AND owner = $2 AND ($3 IS NULL OR status = $3) ORDER BY seq DESC LIMIT $4 OFFSET $5"]
                .List(Read, threadId.Value, actor.Id, status?.ToWire(), limit, offset),
            cancellationToken);

    public Task<IReadOnlyList<RunRecord>> ListUnfinishedAsync(CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<RunRecord>>(
            session => session[$"SELECT {RowColumns} FROM runs WHERE status IN ('pending', 'running') ORDER BY seq"].List(Read), cancellationToken);

    private static (RunCreated Created, bool AddedThread) Create(SqliteSession session, RunCreation creation)
    {
        var run = creation.Run;
        var now = Columns.Of(run.CreatedAt);
        var addedThread = false;
        if (creation.NewThread is { } thread)
        {
            // The row that answers is the new one, or another that was there before.
            if (session[MakeBusyThread].Scalar(run.ThreadId.Value, creation.Actor.Id, creation.ThreadMetadata, creation.ThreadConfig, now, thread.Metadata) is not long createdAt)
            {
                return (RunCreated.ThreadMissing, false);
            }

            addedThread = createdAt == now;
        }
        else if (session[MakeThreadBusy].Execute(run.ThreadId.Value, creation.Actor.Id, creation.ThreadMetadata, creation.ThreadConfig, now) == 0)
        {
            return (RunCreated.ThreadMissing, false);
        }

        session[Insert].Execute(
            Columns.Of(run.RunId),
            run.ThreadId.Value,
            Columns.Of(run.AssistantId),
            run.Status.ToWire(),
            run.Attempt,
            run.Metadata,
            run.MultitaskStrategy.ToWire(),
            Columns.Of(run.Kwargs),
            Columns.Of(run.NotBefore),
            run.Error,
            now,
            Columns.Of(run.UpdatedAt),
            creation.Actor.Id);
        return (RunCreated.Created, addedThread);
    }

    private static (bool Finished, string? OwnerOfDeletedThread) Finish(SqliteSession session, RunFinish finish)
    {
        var runId = Columns.Of(finish.RunId);
        var changed = finish.Attempt is { } attempt
            ? session[FinishStarted].Execute(runId, finish.Status.ToWire(), finish.Error, Columns.Of(finish.Now), attempt)
            : session[FinishPending].Execute(runId, finish.Status.ToWire(), finish.Error, Columns.Of(finish.Now));
        if (changed == 0)
        {
            return (false, null);
        }

        if (finish.DeleteThread)
        {
            return (true, SqliteThreadStore.Delete(session, finish.ThreadId));
        }

        if (finish.Thread is { } outcome)
        {
            SqliteThreadStore.SetOutcome(session, finish.ThreadId, outcome, finish.Now);
        }

        foreach (var added in finish.Events)
        {
            SqliteRunEventStore.Append(session, added);
        }

        foreach (var added in finish.StreamEvents)
        {
            SqliteStreamEventStore.Append(session, runId, added);
        }

        return (true, null);
    }

    private static bool Delete(SqliteSession session, ThreadId threadId, RunId runId, ThreadOutcome? outcome, DateTimeOffset now)
    {
        var id = Columns.Of(runId);
        if (session["DELETE FROM runs WHERE run_id = $1 AND thread_id = $2"].Execute(id, threadId.Value) == 0)
        {
            return false;
        }

        session["DELETE FROM stream_events WHERE run_id = $1"].Execute(id);
        session["DELETE FROM run_events WHERE run_id = $1"].Execute(id);
        SqliteCheckpointStore.DeleteOfRun(session, threadId, id);
        if (outcome is not null)
        {
            SqliteThreadStore.SetOutcome(session, threadId, outcome, now);
        }

        return true;
    }

    private static RunRecord Read(SqliteDataReader row) => new()
    {
        RunId = new RunId(row.Uuid(0)),
        ThreadId = new ThreadId(row.GetString(1)),
        AssistantId = new AssistantId(row.Uuid(2)),
        Status = row.Word<RunStatus>(3),
        Attempt = row.GetInt32(4),
        Metadata = row.GetString(5),
        MultitaskStrategy = row.Word<MultitaskStrategy>(6),
        Kwargs = row.Bytes(7),
        NotBefore = row.TimeOrNull(8),
        Error = row.TextOrNull(9),
        CreatedAt = row.Time(10),
        UpdatedAt = row.Time(11),
    };
}

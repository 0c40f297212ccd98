using System.Globalization;
using System.Text;
using Microsoft.Data.Sqlite;
using Weft.Runs;

namespace Weft.Storage.Sqlite;

internal sealed class SqliteThreadStore(SqliteDatabase database) : IThreadStore
{
    internal const string RowColumns = "thread_id, owner, status, metadata, config, interrupts, error, created_at, updated_at, state_updated_at";

    private const string SelectOne = $"SELECT {RowColumns} FROM threads WHERE thread_id = $1 AND owner = $2";

    private const string Insert =
        $"INSERT INTO threads ({RowColumns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (thread_id) DO NOTHING";

    private const string SetOutcomeSql =
        "UPDATE threads SET status = $2, interrupts = $3, error = $4, updated_at = $5, state_updated_at = CASE WHEN $6 THEN $5 ELSE state_updated_at END WHERE thread_id = $1";

    public Task<ThreadRecord?> FindAsync(Actor actor, ThreadId threadId, CancellationToken cancellationToken) =>
        database.ReadAsync(session => session[SelectOne].First(Read, threadId.Value, actor.Id), cancellationToken);

    public async Task<bool> TryCreateAsync(ThreadRecord thread, CancellationToken cancellationToken)
    {
        var created = await database.WriteAsync(
            session => session[Insert].Execute(
                thread.ThreadId.Value,
                thread.Owner,
                thread.Status.ToWire(),
                thread.Metadata,
                thread.Config,
                thread.Interrupts,
                thread.Error,
                Columns.Of(thread.CreatedAt),
                Columns.Of(thread.UpdatedAt),
                Columns.Of(thread.StateUpdatedAt)) == 1,
            cancellationToken);
        if (created)
        {
            database.ThreadCounts.Add(thread.Owner, 1);
        }

        return created;
    }

    public Task<ThreadRecord?> PatchAsync(Actor actor, ThreadId threadId, string metadata, DateTimeOffset now, CancellationToken cancellationToken) =>
        database.WriteAsync(
            session => session[$"UPDATE threads SET metadata = json_merge(metadata, $3), updated_at = $4 WHERE thread_id = $1 AND owner = $2 RETURNING {RowColumns}"]
                .First(Read, threadId.Value, actor.Id, metadata, Columns.Of(now)),
            cancellationToken);

    public Task SetOutcomeAsync(ThreadId threadId, ThreadOutcome outcome, DateTimeOffset now, CancellationToken cancellationToken) =>
        database.WriteAsync(session => SetOutcome(session, threadId, outcome, now), cancellationToken);

    public async Task<bool> DeleteAsync(Actor actor, ThreadId threadId, CancellationToken cancellationToken)
    {
        var deleted = await database.WriteAsync(
            session => session[SelectOne].First(Read, threadId.Value, actor.Id) is not null && Delete(session, threadId) is not null, cancellationToken);
        if (deleted)
        {
            database.ThreadCounts.Add(actor.Id, -1);
        }

        return deleted;
    }

    public Task<Page<ThreadRecord>> SearchAsync(Actor actor, ThreadQuery query, CancellationToken cancellationToken)
    {
        // The text of the query is put together of constants only; what callers give is bound.
        var where = new StringBuilder("owner = $1");
        var values = new List<object?> { actor.Id };
        if (query.Ids is { } ids)
        {
            values.Add($"[{string.Join(',', ids.Select(id => $"\"{id.Value}\""))}]");
            where.Append(CultureInfo.InvariantCulture, $" AND thread_id IN (SELECT value FROM json_each(${values.Count}))");
        }

        if (query.Status is { } status)
        {
            values.Add(status.ToWire());
            where.Append(CultureInfo.InvariantCulture, $" AND status = ${values.Count}");
        }

        if (query.Metadata is { } metadata)
        {
            values.Add(metadata);
            where.Append(CultureInfo.InvariantCulture, $" AND json_contains(metadata, ${values.Count})");
        }

        var isUnfiltered = values.Count == 1;
        var direction = query.Descending ? "DESC" : "ASC";
        var order = query.SortBy switch
        {
            ThreadSort.ThreadId => $"thread_id {direction}",
            ThreadSort.Status => $"status {direction}, thread_id {direction}",
            ThreadSort.UpdatedAt => $"updated_at {direction}, thread_id {direction}",
            ThreadSort.StateUpdatedAt => $"COALESCE(state_updated_at, 0) {direction}, thread_id {direction}",
            _ => $"created_at {direction}, thread_id {direction}",
        };
        object?[] filter = [.. values];
        var count = string.Intern($"SELECT COUNT(*) FROM threads WHERE {where}");
        var select = string.Intern($"SELECT {RowColumns} FROM threads WHERE {where} ORDER BY {order} LIMIT ${values.Count + 1} OFFSET ${values.Count + 2}");
        return database.ReadAsync(
            session =>
            {
                var items = session[select].List(Read, [.. filter, query.Limit, query.Offset]);
                var total = isUnfiltered
                    ? database.ThreadCounts.Of(actor.Id)
                    : Convert.ToInt32(session[count].Scalar(filter), CultureInfo.InvariantCulture);
                return new Page<ThreadRecord>(items, total);
            },
            cancellationToken);
    }

    internal static int SetOutcome(SqliteSession session, ThreadId threadId, ThreadOutcome outcome, DateTimeOffset now) =>
        session[SetOutcomeSql].Execute(threadId.Value, outcome.Status.ToWire(), outcome.Interrupts, outcome.Error, Columns.Of(now), outcome.StateChanged);

    /// <summary>Removes a thread with all that hangs on it; returns its owner, or null when there was none.</summary>
    internal static string? Delete(SqliteSession session, ThreadId threadId)
    {
        session["DELETE FROM stream_events WHERE run_id IN (SELECT run_id FROM runs WHERE thread_id = $1)"].Execute(threadId.Value);
        session["DELETE FROM run_events WHERE run_id IN (SELECT run_id FROM runs WHERE thread_id = $1)"].Execute(threadId.Value);
        session["DELETE FROM task_outcomes WHERE thread_id = $1"].Execute(threadId.Value);
        session["DELETE FROM checkpoints WHERE thread_id = $1"].Execute(threadId.Value);
        session["DELETE FROM runs WHERE thread_id = $1"].Execute(threadId.Value);
        return session["DELETE FROM threads WHERE thread_id = $1 RETURNING owner"].Scalar(threadId.Value) as string;
    }

    internal static ThreadRecord Read(SqliteDataReader row) => new()
    {
        ThreadId = new ThreadId(row.GetString(0)),
        Owner = row.GetString(1),
        Status = row.Word<ThreadStatus>(2),
        Metadata = row.GetString(3),
        Config = row.GetString(4),
        Interrupts = row.GetString(5),
        Error = row.TextOrNull(6),
        CreatedAt = row.Time(7),
        UpdatedAt = row.Time(8),
        StateUpdatedAt = row.TimeOrNull(9),
    };
}

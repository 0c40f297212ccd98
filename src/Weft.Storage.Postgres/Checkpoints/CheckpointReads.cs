using Weft.Graphs;
using Weft.Runs;

namespace Weft.Storage.Postgres;

/// <summary>Reads rows of checkpoints.</summary>
internal static class CheckpointReads
{
    /// <summary>The columns of a checkpoint, as <see cref="Read"/> takes them from a row.</summary>
    public const string Columns = """
        checkpoint_id, checkpoints.ns, ordinal, parent_id, run_id, source, step, created_at,
        (SELECT text FROM weft.checkpoint_metadata WHERE checkpoint_metadata.metadata_key = checkpoints.metadata_key), body
        """;

    private const string OfNamespace = $"FROM weft.checkpoints WHERE thread_key = {ThreadRows.Key} AND ns = $2";

    private const string FindCheckpoint = $"SELECT {Columns} {OfNamespace} AND checkpoint_id = $3 AND NOT hidden";

    private const string FindNewest = $"SELECT {Columns} {OfNamespace} AND NOT hidden ORDER BY checkpoint_id DESC LIMIT 1";

    // Ids and ordinals grow together, so the index by id is used here too, and there are not more checkpoints from the start of
    // the range to the given one than the difference of their ordinals. A limit that is null is none.
    private const string DownToStart = $"""
        {OfNamespace} AND checkpoint_id <= $3
        ORDER BY checkpoint_id DESC
        LIMIT coalesce((SELECT ordinal FROM last) - $4 + 1, 0)
        """;

    private const string ReadRange = $"""
        WITH last AS MATERIALIZED (SELECT greatest(ordinal, $4 - 1) AS ordinal {OfNamespace} AND checkpoint_id = $3 AND NOT hidden)
        SELECT ordinal, body FROM (SELECT ordinal, body, checkpoint_id {DownToStart}) AS range
        WHERE ordinal BETWEEN $4 AND $5
        ORDER BY checkpoint_id DESC
        """;

    private const string ListPlaces = $"""
        WITH last AS MATERIALIZED (
            SELECT greatest(ordinal, $4 - 1) AS ordinal {OfNamespace} AND checkpoint_id <= $3 ORDER BY checkpoint_id DESC LIMIT 1)
        SELECT
            ordinal, checkpoint_id, parent_id, run_id, hidden,
            (SELECT ordinal FROM weft.checkpoints AS parents
             WHERE parents.thread_key = range.thread_key AND parents.ns = $2 AND parents.checkpoint_id = range.parent_id),
            body_bytes
        FROM (
            SELECT thread_key, ordinal, checkpoint_id, parent_id, run_id, hidden, octet_length(body) AS body_bytes {DownToStart}) AS range
        WHERE ordinal BETWEEN $4 AND $5
        ORDER BY checkpoint_id DESC
        """;

    // Steps from one namespace to the next. The newest checkpoint of each is at the end of its part of the index.
    private const string ListHeads = $"""
        WITH RECURSIVE
            thread AS MATERIALIZED (SELECT thread_key FROM weft.threads WHERE thread_id = $1),
            namespaces (ns) AS (
                SELECT * FROM (
                    SELECT ns FROM weft.checkpoints WHERE thread_key = (SELECT thread_key FROM thread) ORDER BY ns LIMIT 1) AS first
                UNION ALL
                SELECT next.ns FROM namespaces CROSS JOIN LATERAL (
                    SELECT ns FROM weft.checkpoints
                    WHERE thread_key = (SELECT thread_key FROM thread) AND checkpoints.ns > namespaces.ns
                    ORDER BY ns LIMIT 1) AS next)
        SELECT {Columns} FROM namespaces AS names CROSS JOIN LATERAL (
            SELECT * FROM weft.checkpoints
            WHERE thread_key = (SELECT thread_key FROM thread) AND checkpoints.ns = names.ns AND NOT hidden
            ORDER BY checkpoint_id DESC LIMIT 1) AS checkpoints
        ORDER BY ns
        """;

    /// <summary>
    /// Returns the checkpoint with that id, or the newest one if the id is null. Returns null if it does not exist.
    /// </summary>
    public static Task<CheckpointRecord?> FindAsync(Session session, ThreadId threadId, string @namespace, CheckpointId? checkpointId)
    {
        var statement = session.Use(checkpointId is null ? FindNewest : FindCheckpoint).Add(threadId.Value).Add(@namespace);
        return (checkpointId is { } id ? statement.Add(id.Value) : statement).FirstAsync(row => Read(row, 0, threadId));
    }

    /// <summary>Returns the newest checkpoint of each namespace.</summary>
    public static async Task<IReadOnlyList<CheckpointRecord>> HeadsAsync(Session session, ThreadId threadId) =>
        await session.Use(ListHeads).Add(threadId.Value).ListAsync(row => Read(row, 0, threadId));

    /// <summary>Returns the bodies that a checkpoint may refer to, in the order of their ordinals.</summary>
    public static async Task<IReadOnlyList<StoredBody>> BodiesAsync(
        Session session, ThreadId threadId, string @namespace, CheckpointId checkpointId, long from, long to)
    {
        var bodies = await session.Use(ReadRange).Add(threadId.Value).Add(@namespace).Add(checkpointId.Value).Add(from).Add(to)
            .ListAsync(static row => new StoredBody(row.Integer(0), row.Bytes(1)));
        bodies.Reverse();
        return bodies;
    }

    /// <summary>Returns checkpoints without their content, the newest first.</summary>
    public static async Task<IReadOnlyList<CheckpointPlace>> PlacesAsync(
        Session session, ThreadId threadId, string @namespace, CheckpointId checkpointId, long from, long to) =>
        await session.Use(ListPlaces).Add(threadId.Value).Add(@namespace).Add(checkpointId.Value).Add(from).Add(to)
            .ListAsync(static row => new CheckpointPlace(
                row.Integer(0),
                new CheckpointId(row.Guid(1)),
                row.IsNull(2) ? null : new CheckpointId(row.Guid(2)),
                row.IsNull(5) ? null : row.Integer(5),
                row.IsNull(3) ? null : new RunId(row.Guid(3)),
                row.Boolean(4),
                (int)row.Integer(6)));

    /// <summary>Reads a checkpoint from a row that has <see cref="Columns"/> from this column on.</summary>
    public static CheckpointRecord Read(Row row, int column, ThreadId threadId)
    {
        RunId? runId = row.IsNull(column + 4) ? null : new RunId(row.Guid(column + 4));
        var source = row.Text(column + 5);
        return new CheckpointRecord
        {
            ThreadId = threadId,
            CheckpointId = new CheckpointId(row.Guid(column)),
            Namespace = row.Text(column + 1),
            Ordinal = row.Integer(column + 2),
            ParentId = row.IsNull(column + 3) ? null : new CheckpointId(row.Guid(column + 3)),
            RunId = runId,
            Source = source,
            CreatedAt = row.Time(column + 7),
            Metadata = MetadataText.CheckpointMetadata(
                row.Text(column + 8), source, (int)row.Integer(column + 6), threadId.Value, runId?.ToString()),
            Body = row.Bytes(column + 9),
        };
    }
}

using Weft.Graphs;
using Weft.Runs;

namespace Weft.Storage.Sqlite;

/// <summary>Reads rows of checkpoints and of the outcomes of their tasks.</summary>
internal static class CheckpointReads
{
    private const string Columns = """
        checkpoint_id, ns, ordinal, parent_id, run_id, source, step, created_at,
        (SELECT text FROM checkpoint_metadata WHERE checkpoint_metadata.metadata_key = checkpoints.metadata_key), body
        """;

    private const string FindCheckpoint = $"""
        SELECT {Columns} FROM checkpoints
        WHERE thread_key = {ThreadRows.Key} AND ns = ?2 AND checkpoint_id = ?3 AND NOT hidden
        """;

    private const string List = $"""
        SELECT {Columns} FROM checkpoints
        WHERE thread_key = {ThreadRows.Key} AND ns = ?2 AND NOT hidden
        ORDER BY checkpoint_id DESC LIMIT ?3
        """;

    private const string ListBefore = $"""
        SELECT {Columns} FROM checkpoints
        WHERE thread_key = {ThreadRows.Key} AND ns = ?2 AND checkpoint_id < ?3 AND NOT hidden
        ORDER BY checkpoint_id DESC LIMIT ?4
        """;

    // Ids and ordinals grow together, so the index by id is used here too. The read goes from the checkpoint down to
    // the start of the range.
    private const string ReadRange = $"""
        SELECT ordinal, body FROM checkpoints
        WHERE thread_key = {ThreadRows.Key} AND ns = ?2 AND checkpoint_id <= ?3
          AND EXISTS (SELECT 1 FROM checkpoints WHERE thread_key = {ThreadRows.Key} AND ns = ?2 AND checkpoint_id = ?3 AND NOT hidden)
        ORDER BY checkpoint_id DESC
        """;

    private const string ListPlaces = $"""
        SELECT
            ordinal, checkpoint_id, parent_id, run_id, hidden,
            (SELECT ordinal FROM checkpoints AS parents
             WHERE parents.thread_key = checkpoints.thread_key AND parents.ns = checkpoints.ns
                AND parents.checkpoint_id = checkpoints.parent_id),
            length(body)
        FROM checkpoints
        WHERE thread_key = {ThreadRows.Key} AND ns = ?2 AND checkpoint_id <= ?3
        ORDER BY checkpoint_id DESC
        """;

    private const string ListSuccessorsOfOne = $"""
        SELECT {Columns} FROM checkpoints
        WHERE thread_key = {ThreadRows.Key} AND ns = ?2 AND checkpoint_id > ?3 AND parent_id = ?3 AND source = 'loop' AND NOT hidden
        ORDER BY checkpoint_id DESC
        """;

    // Checkpoints after the range whose parent is in the range or before it.
    private const string ListSuccessors = $"""
        SELECT {Columns} FROM checkpoints
        WHERE thread_key = {ThreadRows.Key} AND ns = ?2 AND checkpoint_id >= ?3 AND parent_id < ?3 AND source = 'loop' AND NOT hidden
        ORDER BY checkpoint_id DESC
        """;

    // Steps from one namespace to the next. The newest checkpoint of each is at the end of its part of the index.
    private const string ListHeads = $"""
        WITH RECURSIVE
            thread (key) AS (SELECT thread_key FROM threads WHERE thread_id = ?1),
            namespaces (ns) AS (
                SELECT min(ns) FROM checkpoints WHERE thread_key = (SELECT key FROM thread)
                UNION ALL
                SELECT (SELECT min(ns) FROM checkpoints WHERE thread_key = (SELECT key FROM thread) AND ns > namespaces.ns)
                FROM namespaces WHERE namespaces.ns IS NOT NULL)
        SELECT {Columns} FROM checkpoints
        WHERE thread_key = (SELECT key FROM thread) AND (ns, checkpoint_id) IN (
            SELECT ns, (SELECT max(checkpoint_id) FROM checkpoints WHERE thread_key = (SELECT key FROM thread) AND ns = namespaces.ns AND NOT hidden)
            FROM namespaces WHERE ns IS NOT NULL)
        ORDER BY ns
        """;

    private const string ListOutcomes = $"""
        SELECT checkpoint_id, task_id, body FROM task_outcomes
        WHERE thread_key = {ThreadRows.Key} AND ns = ?2 AND checkpoint_id BETWEEN ?3 AND ?4
        ORDER BY checkpoint_id, task_id
        """;

    // Longer ranges are rare. A longer list would be on the large object heap and live until a full collection.
    private const int RangeLengthUsual = 3000;

    /// <summary>
    /// Returns the checkpoint with that id, or the newest one if the id is null. Returns null if it does not exist.
    /// </summary>
    public static CheckpointRecord? Find(
        StoreConnection connection, ThreadId threadId, string @namespace, CheckpointId? checkpointId) => checkpointId is { } id
        ? connection.Use(FindCheckpoint).Add(threadId.Value).Add(@namespace).Add(id.Value).First(row => Read(row, threadId))
        : connection.Use(List).Add(threadId.Value).Add(@namespace).Add(1).First(row => Read(row, threadId));

    /// <summary>Returns the newest checkpoint of each namespace.</summary>
    public static IReadOnlyList<CheckpointRecord> Heads(StoreConnection connection, ThreadId threadId) =>
        connection.Use(ListHeads).Add(threadId.Value).List(row => Read(row, threadId));

    /// <summary>Returns the bodies that a checkpoint may refer to, in the order of their ordinals.</summary>
    public static IReadOnlyList<StoredBody> Bodies(
        StoreConnection connection, ThreadId threadId, string @namespace, CheckpointId checkpointId, long from, long to)
    {
        var bodies = new List<StoredBody>((int)Math.Min(to - from, RangeLengthUsual - 1) + 1);
        var copies = new ByteCopies();
        connection.Use(ReadRange).Add(threadId.Value).Add(@namespace).Add(checkpointId.Value).ReadWhile(row =>
        {
            var ordinal = row.Integer(0);
            if (ordinal >= from && ordinal <= to)
            {
                bodies.Add(new StoredBody(ordinal, copies.Add(row.Bytes(1))));
            }

            return ordinal > from;
        });
        bodies.Reverse();
        return bodies;
    }

    /// <summary>Returns checkpoints without their content, the newest first.</summary>
    public static IReadOnlyList<CheckpointPlace> Places(
        StoreConnection connection, ThreadId threadId, string @namespace, CheckpointId checkpointId, long from, long to)
    {
        var places = new List<CheckpointPlace>();
        connection.Use(ListPlaces).Add(threadId.Value).Add(@namespace).Add(checkpointId.Value).ReadWhile(row =>
        {
            var ordinal = row.Integer(0);
            if (ordinal >= from && ordinal <= to)
            {
                places.Add(new CheckpointPlace(
                    ordinal,
                    new CheckpointId(row.Guid(1)),
                    row.IsNull(2) ? null : new CheckpointId(row.Guid(2)),
                    row.IsNull(5) ? null : row.Integer(5),
                    row.IsNull(3) ? null : new RunId(row.Guid(3)),
                    row.Integer(4) != 0,
                    (int)row.Integer(6)));
            }

            return ordinal > from;
        });
        return places;
    }

    /// <summary>Returns checkpoints with the outcomes of their tasks.</summary>
    public static CheckpointPage Read(StoreConnection connection, ThreadId threadId, string @namespace, CheckpointRange range)
    {
        var records = range switch
        {
            { Id: { } id } => Use(FindCheckpoint).Add(id.Value).List(row => Read(row, threadId)),
            { Before: { } before } => Use(ListBefore).Add(before.Value).Add(range.Limit).List(row => Read(row, threadId)),
            _ => Use(List).Add(range.Limit).List(row => Read(row, threadId)),
        };
        var successors = range switch
        {
            { WithSuccessors: true, Id: { } id } => Use(ListSuccessorsOfOne).Add(id.Value).List(row => Read(row, threadId)),
            { WithSuccessors: true, Before: { } before } => Use(ListSuccessors).Add(before.Value).List(row => Read(row, threadId)),
            _ => [],
        };
        return new CheckpointPage(WithOutcomes(records, Use), successors);

        Statement Use(string sql) => connection.Use(sql).Add(threadId.Value).Add(@namespace);
    }

    private static List<CheckpointEntry> WithOutcomes(List<CheckpointRecord> newestFirst, Func<string, Statement> use)
    {
        if (newestFirst.Count == 0)
        {
            return [];
        }

        var outcomes = use(ListOutcomes).Add(newestFirst[^1].CheckpointId.Value).Add(newestFirst[0].CheckpointId.Value)
            .List(
                row => new TaskOutcomeRecord(newestFirst[0].Namespace, new CheckpointId(row.Guid(0)), row.Text(1), row.Bytes(2).ToArray()));
        if (outcomes.Count == 0)
        {
            return newestFirst.ConvertAll(static record => new CheckpointEntry(record, []));
        }

        var byCheckpoint = outcomes.ToLookup(outcome => outcome.CheckpointId);
        return newestFirst.ConvertAll(record => new CheckpointEntry(record, [.. byCheckpoint[record.CheckpointId]]));
    }

    private static CheckpointRecord Read(Statement row, ThreadId threadId)
    {
        RunId? runId = row.IsNull(4) ? null : new RunId(row.Guid(4));
        var source = row.Text(5);
        return new CheckpointRecord
        {
            ThreadId = threadId,
            CheckpointId = new CheckpointId(row.Guid(0)),
            Namespace = row.Text(1),
            Ordinal = row.Integer(2),
            ParentId = row.IsNull(3) ? null : new CheckpointId(row.Guid(3)),
            RunId = runId,
            Source = source,
            CreatedAt = row.Time(7),
            Metadata = MetadataText.CheckpointMetadata(row.Text(8), source, (int)row.Integer(6), threadId.Value, runId?.ToString()),
            Body = row.Bytes(9).ToArray(),
        };
    }
}

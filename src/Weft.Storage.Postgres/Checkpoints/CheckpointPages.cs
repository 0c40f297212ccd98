using Weft.Runs;

namespace Weft.Storage.Postgres;

/// <summary>Reads checkpoints with the outcomes of their tasks, each page by one statement, which has one snapshot of the data.</summary>
internal static class CheckpointPages
{
    private const string Thread = $"thread AS MATERIALIZED (SELECT {ThreadRows.Key} AS thread_key)";

    private const string OfNamespace = "weft.checkpoints WHERE thread_key = (SELECT thread_key FROM thread) AND ns = $2 AND NOT hidden";

    private const string One = $"SELECT *, 1 AS place FROM {OfNamespace} AND checkpoint_id = $3";

    private const string Before = $"""
        SELECT *, 1 AS place FROM {OfNamespace} AND checkpoint_id < $3 ORDER BY checkpoint_id DESC LIMIT $4
        """;

    private const string Newest = $"SELECT *, 1 AS place FROM {OfNamespace} ORDER BY checkpoint_id DESC LIMIT $3";

    private const string NewestOfEach = """
        SELECT checkpoints.*, given.place
        FROM unnest($1::text[]) WITH ORDINALITY AS given (thread_id, place)
        CROSS JOIN LATERAL (SELECT thread_key FROM weft.threads WHERE threads.thread_id = given.thread_id LIMIT 1) AS thread
        CROSS JOIN LATERAL (
            SELECT * FROM weft.checkpoints
            WHERE checkpoints.thread_key = thread.thread_key AND ns = '' AND NOT hidden
            ORDER BY checkpoint_id DESC LIMIT 1) AS checkpoints
        """;

    // The checkpoints of the page, then the outcomes of their tasks.
    private const string Parts = $"""
        SELECT 0 AS part, place, NULL AS task_id, {CheckpointReads.Columns} FROM page AS checkpoints
        UNION ALL
        SELECT 1, page.place, outcome.task_id, page.checkpoint_id, page.ns, NULL, NULL, NULL, NULL, NULL, NULL, NULL, outcome.body
        FROM page CROSS JOIN LATERAL (
            SELECT task_id, body FROM weft.task_outcomes
            WHERE task_outcomes.thread_key = page.thread_key AND task_outcomes.ns = page.ns
                AND task_outcomes.checkpoint_id = page.checkpoint_id
            OFFSET 0) AS outcome
        """;

    private const string SuccessorPart = $"""
        UNION ALL
        SELECT 2, 1, NULL, {CheckpointReads.Columns} FROM {OfNamespace} AND source = 'loop'
        """;

    private const string InOrder = "ORDER BY part, place, checkpoint_id DESC, task_id";

    private const string ReadOne = $"WITH {Thread}, page AS MATERIALIZED ({One}) {Parts} {InOrder}";
    private const string ReadBefore = $"WITH {Thread}, page AS MATERIALIZED ({Before}) {Parts} {InOrder}";
    private const string ReadNewest = $"WITH {Thread}, page AS MATERIALIZED ({Newest}) {Parts} {InOrder}";
    private const string ReadNewestOfEach = $"WITH page AS MATERIALIZED ({NewestOfEach}) {Parts} {InOrder}";

    private const string ReadOneWithSuccessors = $"""
        WITH {Thread}, page AS MATERIALIZED ({One})
        {Parts} {SuccessorPart} AND checkpoint_id > $3 AND parent_id = $3 {InOrder}
        """;

    // Checkpoints after the range whose parent is in the range or before it.
    private const string ReadBeforeWithSuccessors = $"""
        WITH {Thread}, page AS MATERIALIZED ({Before})
        {Parts} {SuccessorPart} AND checkpoint_id >= $3 AND parent_id < $3 {InOrder}
        """;

    /// <summary>Returns checkpoints with the outcomes of their tasks.</summary>
    public static async Task<CheckpointPage> ReadAsync(Session session, ThreadId threadId, string @namespace, CheckpointRange range)
    {
        var statement = range switch
        {
            { Id: { } id } => Use(range.WithSuccessors ? ReadOneWithSuccessors : ReadOne).Add(id.Value),
            { Before: { } before } => Use(range.WithSuccessors ? ReadBeforeWithSuccessors : ReadBefore).Add(before.Value).Add(range.Limit),
            _ => Use(ReadNewest).Add(range.Limit),
        };
        return await ReadAsync(statement, _ => threadId);

        Statement Use(string sql) => session.Use(sql).Add(threadId.Value).Add(@namespace);
    }

    /// <summary>Returns the newest checkpoint of the root graph of each thread that has one.</summary>
    public static async Task<IReadOnlyList<CheckpointEntry>> HeadsAsync(Session session, IReadOnlyList<ThreadId> threadIds)
    {
        var statement = session.Use(ReadNewestOfEach).Add(threadIds.Select(static threadId => threadId.Value).ToArray());
        return (await ReadAsync(statement, place => threadIds[(int)place - 1])).Entries;
    }

    private static async Task<CheckpointPage> ReadAsync(Statement statement, Func<long, ThreadId> threadOf)
    {
        var checkpoints = new List<(long Place, CheckpointRecord Record)>();
        var outcomes = new List<(long Place, TaskOutcomeRecord Record)>();
        var successors = new List<CheckpointRecord>();
        await statement.ReadWhileAsync(row =>
        {
            var place = row.Integer(1);
            switch (row.Integer(0))
            {
                case 0:
                    checkpoints.Add((place, CheckpointReads.Read(row, 3, threadOf(place))));
                    break;
                case 1:
                    outcomes.Add((place, new TaskOutcomeRecord(row.Text(4), new CheckpointId(row.Guid(3)), row.Text(2), row.Bytes(12))));
                    break;
                default:
                    successors.Add(CheckpointReads.Read(row, 3, threadOf(place)));
                    break;
            }

            return true;
        });
        var byCheckpoint = outcomes.ToLookup(
            static outcome => (outcome.Place, outcome.Record.CheckpointId), static outcome => outcome.Record);
        return new CheckpointPage(
            checkpoints.ConvertAll(one => new CheckpointEntry(
                one.Record, outcomes.Count == 0 ? [] : [.. byCheckpoint[(one.Place, one.Record.CheckpointId)]])),
            successors);
    }
}

using Weft.Runs;

namespace Weft.Storage.Postgres;

/// <summary>Statements on the stored logs of runs that several stores use.</summary>
internal static class StreamBlockRows
{
    /// <summary>The columns of a block.</summary>
    public const string Columns = "thread_key, begun, run_key, first_seq, last_seq, created_at, format, data";

    /// <summary>The end of an insert. A block replaces the one that begins with the same event.</summary>
    public const string OrReplace = """
        ON CONFLICT (thread_key, begun, first_seq) DO UPDATE
        SET last_seq = excluded.last_seq, created_at = excluded.created_at, format = excluded.format, data = excluded.data
        """;

    private const string DeleteOfRun = """
        WITH removed AS (
            DELETE FROM weft.stream_blocks WHERE thread_key = $1 AND begun = $2 RETURNING last_seq - first_seq + 1 AS events)
        SELECT coalesce(sum(events), 0)::bigint FROM removed
        """;

    /// <summary>Removes the log of the run that has this place among the runs of its thread. Returns the number of events.</summary>
    public static Task<long> RemoveOfRunAsync(Session session, long threadKey, int begun) =>
        session.Use(DeleteOfRun).Add(threadKey).Add(begun).FirstAsync(static row => row.Integer(0));

    /// <summary>Adds an array for each of the columns first_seq, last_seq, created_at, format and data.</summary>
    public static Statement Add(Statement statement, IReadOnlyList<StreamBlock> blocks) => statement
        .Add(blocks.Select(static block => block.FirstSeq).ToArray())
        .Add(blocks.Select(static block => block.LastSeq).ToArray())
        .Add(blocks.Select(static block => UnixMicroseconds.From(block.CreatedAt)).ToArray())
        .Add(blocks.Select(static block => block.Format).ToArray())
        .Add(blocks.Select(static block => block.Data).ToArray());
}

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

    private const string AppendToEnded = $"""
        INSERT INTO weft.stream_blocks ({Columns})
        SELECT thread_key, begun, run_key, first_seq, last_seq, block.created_at, format, data
        FROM weft.runs CROSS JOIN unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::integer[], $6::bytea[])
            AS block (first_seq, last_seq, created_at, format, data)
        WHERE run_id = $1 AND begun > 0
        {OrReplace}
        """;

    private const string DeleteOfRun = """
        WITH removed AS (
            DELETE FROM weft.stream_blocks WHERE thread_key = $1 AND begun = $2 RETURNING last_seq - first_seq + 1 AS events)
        SELECT coalesce(sum(events), 0)::bigint FROM removed
        """;

    private const string DeleteOfThread = "DELETE FROM weft.stream_blocks WHERE thread_key = $1";

    /// <summary>Appends the last events of a run. A run that ends without having started has no log.</summary>
    public static async Task AppendLastAsync(Session session, Guid runId, IReadOnlyList<StreamBlock> blocks)
    {
        if (blocks.Count > 0)
        {
            await Add(session.Use(AppendToEnded).Add(runId), blocks).ExecuteAsync();
        }
    }

    /// <summary>Removes the log of the run that has this place among the runs of its thread. Returns the number of events.</summary>
    public static Task<long> RemoveOfRunAsync(Session session, long threadKey, int begun) =>
        session.Use(DeleteOfRun).Add(threadKey).Add(begun).FirstAsync(static row => row.Integer(0));

    /// <summary>Removes the logs of a thread.</summary>
    public static Task RemoveOfThreadAsync(Session session, long threadKey) => session.Use(DeleteOfThread).Add(threadKey).ExecuteAsync();

    /// <summary>Adds an array for each of the columns first_seq, last_seq, created_at, format and data.</summary>
    public static Statement Add(Statement statement, IReadOnlyList<StreamBlock> blocks) => statement
        .Add(blocks.Select(static block => block.FirstSeq).ToArray())
        .Add(blocks.Select(static block => block.LastSeq).ToArray())
        .Add(blocks.Select(static block => UnixMicroseconds.From(block.CreatedAt)).ToArray())
        .Add(blocks.Select(static block => block.Format).ToArray())
        .Add(blocks.Select(static block => block.Data).ToArray());
}

using Weft.Runs;

namespace Weft.Storage.Postgres;

/// <summary>Measures the rows of the checkpoints of a thread.</summary>
internal static class CheckpointMeasures
{
    private const string ReadBodies = $"SELECT body FROM weft.checkpoints WHERE thread_key = {ThreadRows.Key}";

    private const string SumMetadata = $"""
        SELECT coalesce(sum(octet_length(text)), 0)::bigint FROM weft.checkpoint_metadata WHERE thread_key = {ThreadRows.Key}
        """;

    private const string SumOutcomes = $"""
        SELECT count(*), coalesce(sum(octet_length(body)), 0)::bigint FROM weft.task_outcomes WHERE thread_key = {ThreadRows.Key}
        """;

    public static async Task<CheckpointSizes> MeasureAsync(Session session, ThreadId threadId, BodyVisitor visit)
    {
        var (count, bytes) = (0L, 0L);
        await session.Use(ReadBodies).Add(threadId.Value).ReadWhileAsync(row =>
        {
            var body = row.Bytes(0);
            count++;
            bytes += body.Length;
            visit(body);
            return true;
        });
        var metadata = await session.Use(SumMetadata).Add(threadId.Value).FirstAsync(static row => row.Integer(0));
        var (outcomes, outcomeBytes) = await session.Use(SumOutcomes).Add(threadId.Value)
            .FirstAsync(static row => (row.Integer(0), row.Integer(1)));
        return new CheckpointSizes(count, bytes, metadata, outcomes, outcomeBytes);
    }
}

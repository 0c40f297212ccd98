using Weft.Runs;

namespace Weft.Storage.Sqlite;

/// <summary>Measures the rows of the checkpoints of a thread.</summary>
internal static class CheckpointMeasures
{
    private const string ReadBodies = $"SELECT body FROM checkpoints WHERE thread_key = {ThreadRows.Key}";

    private const string SumMetadata = $"""
        SELECT coalesce(sum(length(CAST(text AS BLOB))), 0) FROM checkpoint_metadata WHERE thread_key = {ThreadRows.Key}
        """;

    private const string SumOutcomes =
        $"SELECT count(*), coalesce(sum(length(body)), 0) FROM task_outcomes WHERE thread_key = {ThreadRows.Key}";

    public static CheckpointSizes Measure(
        StoreConnection connection, ThreadId threadId, BodyVisitor visit, CancellationToken cancellationToken)
    {
        var (count, bytes) = (0L, 0L);
        connection.Use(ReadBodies).Add(threadId.Value).ReadWhile(row =>
        {
            cancellationToken.ThrowIfCancellationRequested();
            var body = row.Bytes(0);
            count++;
            bytes += body.Length;
            visit(body);
            return true;
        });
        var metadata = connection.Use(SumMetadata).Add(threadId.Value).First(row => row.Integer(0));
        var (outcomes, outcomeBytes) = connection.Use(SumOutcomes).Add(threadId.Value).First(row => (row.Integer(0), row.Integer(1)));
        return new CheckpointSizes(count, bytes, metadata, outcomes, outcomeBytes);
    }
}

using Weft.Runs;

namespace Weft.Storage.Postgres;

/// <summary>Keeps feedback on runs.</summary>
internal sealed class PostgresFeedbackStore(PostgresDatabase database) : IFeedbackStore
{
    private const string SecretName = "feedback";

    // Changes of the feedback on one run wait for each other here, so the order of the keys is that of the changes.
    private const string LockRun = $"""
        SELECT thread_key FROM weft.runs WHERE run_id = $2 AND thread_key = {ThreadRows.Key} FOR NO KEY UPDATE
        """;

    private const string IsOfRun = $"thread_key = {ThreadRows.Key} AND run_id = $2";

    private const string IsLike = $"{IsOfRun} AND owner = $3 AND key IS NOT DISTINCT FROM $4";

    private const string Insert = """
        INSERT INTO weft.feedback (
            thread_key, run_id, feedback_id, owner, key, score, message_id, created_at, comment, details)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        ON CONFLICT (feedback_id) DO NOTHING
        """;

    private const string HasFeedback = $"SELECT 1 FROM weft.feedback WHERE {IsOfRun} AND feedback_id = $3";
    private const string Count = $"SELECT count(*) FROM weft.feedback WHERE {IsOfRun}";
    private const string FindFirst = $"SELECT feedback_id FROM weft.feedback WHERE {IsLike} ORDER BY feedback_key LIMIT 1";
    private const string DeleteLike = $"DELETE FROM weft.feedback WHERE {IsLike}";
    private const string DeleteOne = $"DELETE FROM weft.feedback WHERE {IsOfRun} AND feedback_id = $3";

    private const string List = $"""
        SELECT feedback_id, owner, key, score, message_id, created_at, comment, details FROM weft.feedback
        WHERE {IsOfRun} ORDER BY feedback_key
        """;

    private const string AddSecret = "INSERT INTO weft.secrets (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";
    private const string FindSecret = "SELECT value FROM weft.secrets WHERE name = $1";

    public Task<FeedbackAdded> AddAsync(FeedbackRecord feedback, int max, CancellationToken cancellationToken) => database.WriteAsync(
        feedback.ThreadId,
        async session =>
        {
            var run = new RunKey(feedback.ThreadId, feedback.RunId);
            return await LockAsync(session, run) is not { } threadKey ? FeedbackAdded.RunMissing
                : await Use(session, HasFeedback, run).Add(feedback.FeedbackId.Value).FirstAsync(row => row.Integer(0)) == 1
                    ? FeedbackAdded.Added
                : await Use(session, Count, run).FirstAsync(row => row.Integer(0)) >= max ? FeedbackAdded.TooMany
                : await AddAsync(session, threadKey, feedback) ? FeedbackAdded.Added
                : FeedbackAdded.RunMissing;
        },
        cancellationToken);

    public Task<FeedbackRecord?> PutAsync(FeedbackRecord feedback, CancellationToken cancellationToken) => database.WriteAsync(
        feedback.ThreadId,
        async session =>
        {
            if (await LockAsync(session, new RunKey(feedback.ThreadId, feedback.RunId)) is not { } threadKey)
            {
                return null;
            }

            var first = await UseLike(session, FindFirst, feedback).FirstAsync(row => (Guid?)row.Guid(0));
            var stored = first is { } id ? feedback with { FeedbackId = new FeedbackId(id) } : feedback;
            await UseLike(session, DeleteLike, feedback).ExecuteAsync();
            return await AddAsync(session, threadKey, stored) ? stored : null;
        },
        cancellationToken);

    public Task<IReadOnlyList<FeedbackRecord>> ListAsync(RunKey run, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<FeedbackRecord>>(
            async session => await Use(session, List, run).ListAsync(row => Read(row, run)), cancellationToken);

    public Task<int> DeleteRatingsAsync(RunKey run, string owner, CancellationToken cancellationToken) => database.WriteAsync(
        run.ThreadId,
        session => Use(session, DeleteLike, run).Add(owner).Add((string?)null).ExecuteAsync(),
        cancellationToken);

    public Task<bool> DeleteAsync(RunKey run, FeedbackId feedbackId, CancellationToken cancellationToken) => database.WriteAsync(
        run.ThreadId,
        Removal.Of(async session => await Use(session, DeleteOne, run).Add(feedbackId.Value).ExecuteAsync() == 1),
        cancellationToken);

    public Task<ReadOnlyMemory<byte>> GetSecretAsync(ReadOnlyMemory<byte> proposed, CancellationToken cancellationToken) =>
        database.WriteAsync(
            async session =>
            {
                await session.Use(AddSecret).Add(SecretName).Add(proposed).ExecuteAsync();
                return (ReadOnlyMemory<byte>)await session.Use(FindSecret).Add(SecretName).FirstAsync(row => row.Bytes(0));
            },
            cancellationToken);

    private static async Task<long?> LockAsync(Session session, RunKey run) =>
        await Use(session, LockRun, run).FirstAsync(row => (long?)row.Integer(0));

    private static Statement Use(Session session, string sql, RunKey run) =>
        session.Use(sql).Add(run.ThreadId.Value).Add(run.RunId.Value);

    private static Statement UseLike(Session session, string sql, FeedbackRecord feedback) =>
        session.Use(sql).Add(feedback.ThreadId.Value).Add(feedback.RunId.Value).Add(feedback.Owner).Add(feedback.Key);

    private static async Task<bool> AddAsync(Session session, long threadKey, FeedbackRecord feedback) => await session.Use(Insert)
        .Add(threadKey).Add(feedback.RunId.Value).Add(feedback.FeedbackId.Value).Add(feedback.Owner).Add(feedback.Key)
        .Add(feedback.Score).Add(feedback.MessageId).Add(feedback.CreatedAt).Add(feedback.Comment).Add(feedback.Details)
        .ExecuteAsync() == 1;

    private static FeedbackRecord Read(Row row, RunKey run) => new()
    {
        FeedbackId = new FeedbackId(row.Guid(0)),
        ThreadId = run.ThreadId,
        RunId = run.RunId,
        Owner = row.Text(1),
        Key = row.TextOrNull(2),
        Score = row.IsNull(3) ? null : row.Real(3),
        MessageId = row.TextOrNull(4),
        CreatedAt = row.Time(5),
        Comment = row.TextOrNull(6),
        Details = row.Text(7),
    };
}

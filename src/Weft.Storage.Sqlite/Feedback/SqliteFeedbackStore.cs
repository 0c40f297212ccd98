using Weft.Runs;

namespace Weft.Storage.Sqlite;

/// <summary>Keeps feedback on runs.</summary>
internal sealed class SqliteFeedbackStore(SqliteDatabase database) : IFeedbackStore
{
    private const string SecretName = "feedback";

    private const string IsOfRun = $"thread_key = {ThreadRows.Key} AND run_id = ?2";

    private const string IsLike = $"{IsOfRun} AND owner = ?3 AND key IS ?4";

    private const string Insert = $"""
        INSERT INTO feedback (thread_key, run_id, feedback_id, owner, key, score, message_id, created_at, comment, details)
        SELECT thread_key, run_id, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10 FROM runs WHERE {IsOfRun}
        ON CONFLICT (feedback_id) DO NOTHING
        """;

    private const string HasRun = $"SELECT 1 FROM runs WHERE {IsOfRun}";
    private const string HasFeedback = $"SELECT 1 FROM feedback WHERE {IsOfRun} AND feedback_id = ?3";
    private const string Count = $"SELECT count(*) FROM feedback WHERE {IsOfRun}";
    private const string FindFirst = $"SELECT feedback_id FROM feedback WHERE {IsLike} ORDER BY feedback_key LIMIT 1";
    private const string DeleteLike = $"DELETE FROM feedback WHERE {IsLike}";
    private const string DeleteOne = $"DELETE FROM feedback WHERE {IsOfRun} AND feedback_id = ?3";

    private const string List = $"""
        SELECT feedback_id, owner, key, score, message_id, created_at, comment, details FROM feedback
        WHERE {IsOfRun} ORDER BY feedback_key
        """;

    private const string AddSecret = "INSERT INTO secrets (name, value) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
    private const string FindSecret = "SELECT value FROM secrets WHERE name = ?1";

    public Task<FeedbackAdded> AddAsync(FeedbackRecord feedback, int max, CancellationToken cancellationToken) => database.WriteAsync(
        connection =>
        {
            var run = new RunKey(feedback.ThreadId, feedback.RunId);
            return Is(Use(connection, HasFeedback, run).Add(feedback.FeedbackId.Value)) ? FeedbackAdded.Added
                : !Is(Use(connection, HasRun, run)) ? FeedbackAdded.RunMissing
                : Use(connection, Count, run).First(row => row.Integer(0)) >= max ? FeedbackAdded.TooMany
                : Add(connection, feedback) ? FeedbackAdded.Added
                : FeedbackAdded.RunMissing;
        },
        cancellationToken);

    public Task<FeedbackRecord?> PutAsync(FeedbackRecord feedback, CancellationToken cancellationToken) => database.WriteAsync(
        connection =>
        {
            var first = UseLike(connection, FindFirst, feedback).First(row => (Guid?)row.Guid(0));
            var stored = first is { } id ? feedback with { FeedbackId = new FeedbackId(id) } : feedback;
            UseLike(connection, DeleteLike, feedback).Execute();
            return Add(connection, stored) ? stored : null;
        },
        cancellationToken);

    public Task<IReadOnlyList<FeedbackRecord>> ListAsync(RunKey run, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<FeedbackRecord>>(
            connection => Use(connection, List, run).List(row => Read(row, run)), cancellationToken);

    public Task<int> DeleteRatingsAsync(RunKey run, string owner, CancellationToken cancellationToken) => database.WriteAsync(
        connection => Use(connection, DeleteLike, run).Add(owner).Add((string?)null).Execute(), cancellationToken);

    public Task<bool> DeleteAsync(RunKey run, FeedbackId feedbackId, CancellationToken cancellationToken) => database.WriteAsync(
        connection => Use(connection, DeleteOne, run).Add(feedbackId.Value).Execute() == 1, cancellationToken);

    public Task<ReadOnlyMemory<byte>> GetSecretAsync(ReadOnlyMemory<byte> proposed, CancellationToken cancellationToken) =>
        database.WriteAsync(
            connection =>
            {
                connection.Use(AddSecret).Add(SecretName).Add(proposed).Execute();
                return (ReadOnlyMemory<byte>)connection.Use(FindSecret).Add(SecretName).First(row => row.Bytes(0).ToArray());
            },
            cancellationToken);

    private static bool Is(Statement found) => found.First(row => row.Integer(0)) == 1;

    private static Statement Use(StoreConnection connection, string sql, RunKey run) =>
        connection.Use(sql).Add(run.ThreadId.Value).Add(run.RunId.Value);

    private static Statement UseLike(StoreConnection connection, string sql, FeedbackRecord feedback) =>
        connection.Use(sql).Add(feedback.ThreadId.Value).Add(feedback.RunId.Value).Add(feedback.Owner).Add(feedback.Key);

    private static bool Add(StoreConnection connection, FeedbackRecord feedback) => connection.Use(Insert)
        .Add(feedback.ThreadId.Value).Add(feedback.RunId.Value).Add(feedback.FeedbackId.Value).Add(feedback.Owner).Add(feedback.Key)
        .Add(feedback.Score).Add(feedback.MessageId).Add(feedback.CreatedAt).Add(feedback.Comment).Add(feedback.Details)
        .Execute() == 1;

    private static FeedbackRecord Read(Statement row, RunKey run) => new()
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

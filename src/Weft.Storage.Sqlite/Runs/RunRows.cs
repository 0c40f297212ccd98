using Weft.Runs;

namespace Weft.Storage.Sqlite;

/// <summary>Statements on the rows of runs that several stores use.</summary>
internal static class RunRows
{
    public const string Columns = """
        run_id, (SELECT thread_id FROM threads WHERE threads.thread_key = runs.thread_key), assistant_id, status, attempt, metadata,
        multitask_strategy, kwargs, not_before, error, created_at, updated_at, cancel_action, cancel_reason, owner,
        kwargs_pieces, (SELECT body FROM checkpoints WHERE checkpoint_key = kwargs_checkpoint), headers, begun,
        usage, started_at, error_name
        """;

    /// <summary>The number of <see cref="Columns"/>.</summary>
    public const int ColumnCount = 22;

    private const string Share = "UPDATE runs SET kwargs = ?2, kwargs_pieces = ?3, kwargs_checkpoint = ?4 WHERE run_id = ?1";

    private const string ListSharing = $"""
        SELECT runs.run_id, kwargs, kwargs_pieces, body
        FROM runs JOIN checkpoints ON checkpoint_key = kwargs_checkpoint
        WHERE runs.thread_key = {ThreadRows.Key}
        """;

    private const string OwnsRun =
        $"SELECT 1 FROM runs WHERE thread_key = {ThreadRows.Key} AND run_id = ?2 AND attempt = ?3 AND status = 'running'";

    public static RunRecord Read(Statement row) => Read(row, new AssistantId(row.Guid(2)));

    private static RunRecord Read(Statement row, AssistantId assistantId) => new()
    {
        RunId = new RunId(row.Guid(0)),
        ThreadId = new ThreadId(row.Text(1)),
        AssistantId = assistantId,
        Status = ColumnEnums.RunStatus(row.Bytes(3)),
        Attempt = (int)row.Integer(4),
        Metadata = MetadataText.RunMetadata(row.Text(5), assistantId.ToString()),
        MultitaskStrategy = ColumnEnums.MultitaskStrategy(row.Bytes(6)),
        Kwargs = row.IsNull(15) ? row.Bytes(7).ToArray() : PutBack(row),
        NotBefore = row.TimeOrNull(8),
        Error = row.TextOrNull(9),
        CreatedAt = row.Time(10),
        UpdatedAt = row.Time(11),
        CancelRequest = row.IsNull(12) ? null : new CancelRequest(ColumnEnums.CancelAction(row.Bytes(12)), row.TextOrNull(13)),
        Owner = row.Text(14),
        Headers = row.TextOrNull(17),
        StartOrder = row.Integer(18),
        Usage = UsageText.Read(row, 19),
        StartedAt = row.TimeOrNull(20),
        ErrorName = row.TextOrNull(21),
    };

    /// <summary>
    /// Returns the kwargs of a row. If the row is damaged, returns <c>null</c> as JSON: the run can't be executed, but
    /// it can be read, listed and ended.
    /// </summary>
    private static byte[] PutBack(Statement row)
    {
        try
        {
            return SharedPieces.PutBack(row.Bytes(7), row.Bytes(15), row.Bytes(16));
        }
        catch (Exception e) when (e is ArgumentException or IndexOutOfRangeException or OverflowException)
        {
            return "null"u8.ToArray();
        }
    }

    /// <summary>Replaces an input that can't be read, because every list of runs would show it.</summary>
    public static void DropInput(StoreConnection connection, RunId runId) =>
        connection.Use(Share).Add(runId.Value).Add("{}"u8.ToArray()).Add((long?)null).Add((long?)null).Execute();

    /// <summary>
    /// Copies input out of the bodies of checkpoints into the thread's runs. Call it before checkpoints are removed or
    /// rewritten.
    /// </summary>
    public static void DetachAll(StoreConnection connection, ThreadId threadId)
    {
        var runs = connection.Use(ListSharing)
            .Add(threadId.Value)
            .List(row => (RunId: row.Guid(0), Kwargs: SharedPieces.PutBack(row.Bytes(1), row.Bytes(2), row.Bytes(3))));
        foreach (var (runId, kwargs) in runs)
        {
            connection.Use(Share).Add(runId).Add(kwargs).Add((long?)null).Add((long?)null).Execute();
        }
    }

    /// <summary>Whether an execution still owns its run.</summary>
    public static bool IsOwner(StoreConnection connection, RunAttempt attempt) =>
        connection.Use(OwnsRun).Add(attempt.ThreadId.Value).Add(attempt.RunId.Value).Add(attempt.Attempt).First(row => row.Integer(0)) == 1;
}

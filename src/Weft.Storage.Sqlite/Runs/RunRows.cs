using Weft.Runs;

namespace Weft.Storage.Sqlite;

/// <summary>What is done with rows of runs in more than one place.</summary>
internal static class RunRows
{
    public const string Columns = "run_id, thread_id, assistant_id, status, attempt, metadata, multitask_strategy, kwargs, not_before, error, created_at, updated_at, cancel_action, cancel_reason, owner, released";

    private const string OwnsRun = "SELECT 1 FROM runs WHERE run_id = ?1 AND attempt = ?2 AND status = 'running'";

    public static RunRecord Read(Statement row) => new()
    {
        RunId = new RunId(row.Guid(0)),
        ThreadId = new ThreadId(row.Text(1)),
        AssistantId = new AssistantId(row.Guid(2)),
        Status = Words.RunStatus(row.Bytes(3)),
        Attempt = (int)row.Integer(4),
        Metadata = row.Text(5),
        MultitaskStrategy = Words.MultitaskStrategy(row.Bytes(6)),
        Kwargs = row.Bytes(7).ToArray(),
        NotBefore = row.TimeOrNull(8),
        Error = row.TextOrNull(9),
        CreatedAt = row.Time(10),
        UpdatedAt = row.Time(11),
        CancelRequest = row.IsNull(12) ? null : new CancelRequest(Words.CancelAction(row.Bytes(12)), row.TextOrNull(13)),
        Owner = row.Text(14),
        Released = (int)row.Integer(15),
    };

    /// <summary>Whether an execution still owns its run.</summary>
    public static bool IsOwner(StoreConnection connection, RunAttempt attempt) =>
        connection.Use(OwnsRun).Add(attempt.RunId.Value).Add(attempt.Attempt).First(row => row.Integer(0)) == 1;
}

using Weft.Runs;

namespace Weft.Storage.Sqlite;

/// <summary>Statements on the rows of threads that several stores use.</summary>
internal static class ThreadRows
{
    public const string Columns = """
        thread_id, owner, status, metadata, config, interrupts, error, created_at, updated_at, state_updated_at,
        ttl, ttl_strategy, expires_at, graph_config, version, begun, preview
        """;

    /// <summary>The key of the thread whose id is the first parameter.</summary>
    public const string Key = "(SELECT thread_key FROM threads WHERE thread_id = ?1)";

    private const string Insert = $"""
        INSERT INTO threads ({Columns})
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)
        ON CONFLICT (thread_id) DO NOTHING
        """;

    private const string SetBusy = """
        UPDATE threads
        SET status = 'busy', metadata = coalesce(?2, metadata), graph_config = coalesce(?3, graph_config), updated_at = ?4, version = version + 1,
            begun = max(begun, ?5)
        WHERE thread_id = ?1
        """;

    private const string UpdateOutcome = """
        UPDATE threads
        SET status = ?2, interrupts = ?3, error = ?4, updated_at = ?5, state_updated_at = CASE WHEN ?6 THEN ?5 ELSE state_updated_at END,
            version = version + 1, preview = coalesce(?7, preview)
        WHERE thread_id = ?1
        """;

    private const string AddToVersion = "UPDATE threads SET version = version + 1 WHERE thread_id = ?1";

    private const string SetExpiry = "UPDATE threads SET ttl = ?2, ttl_strategy = ?3, expires_at = ?4 WHERE thread_id = ?1";

    private const string IsOf = "SELECT 1 FROM threads WHERE thread_id = ?1 AND (?2 IS NULL OR owner = ?2)";

    private const string FindMetadata = "SELECT metadata FROM threads WHERE thread_id = ?1 AND owner = ?2";

    private const string FindStanding = """
        SELECT
            version,
            EXISTS (SELECT 1 FROM runs WHERE runs.thread_key = threads.thread_key AND runs.status = 'pending')
            OR EXISTS (SELECT 1 FROM runs WHERE runs.thread_key = threads.thread_key AND runs.status = 'running')
        FROM threads WHERE thread_id = ?1 AND (?2 IS NULL OR owner = ?2)
        """;

    private const string Delete = "DELETE FROM threads WHERE thread_id = ?1";

    private const string DeleteRuns = $"DELETE FROM runs WHERE thread_key = {Key}";
    private const string DeleteCheckpoints = $"DELETE FROM checkpoints WHERE thread_key = {Key}";
    private const string DeleteMetadata = $"DELETE FROM checkpoint_metadata WHERE thread_key = {Key}";
    private const string DeleteOutcomes = $"DELETE FROM task_outcomes WHERE thread_key = {Key}";

    public static ThreadRecord Read(Statement row) => new()
    {
        ThreadId = new ThreadId(row.Text(0)),
        Owner = row.Text(1),
        Status = ColumnEnums.ThreadStatus(row.Bytes(2)),
        Metadata = row.Text(3),
        Config = row.Text(4),
        Interrupts = row.Text(5),
        Error = row.TextOrNull(6),
        CreatedAt = row.Time(7),
        UpdatedAt = row.Time(8),
        StateUpdatedAt = row.TimeOrNull(9),
        Ttl = row.IsNull(10) ? null : new ThreadTtl(TimeSpan.FromMicroseconds(row.Integer(10)), ColumnEnums.PruneStrategy(row.Bytes(11))),
        ExpiresAt = row.TimeOrNull(12),
        GraphConfig = row.TextOrNull(13),
        Version = row.Integer(14),
        RunsStarted = row.Integer(15),
        Preview = row.TextOrNull(16),
    };

    public static bool TryAdd(StoreConnection connection, ThreadRecord thread)
    {
        if (AddValues(connection.Use(Insert), thread).Execute() == 0)
        {
            return false;
        }

        ThreadMetadataRows.Add(connection, thread.Owner, connection.LastKey, thread.Metadata);
        return true;
    }

    /// <summary>Adds a thread that is created with a run. Returns false if the id is taken.</summary>
    public static bool TryAddBusy(StoreConnection connection, ThreadRecord thread, RunCreation creation)
    {
        var busy = thread with
        {
            Status = ThreadStatus.Busy,
            GraphConfig = creation.GraphConfig,
            UpdatedAt = creation.Run.CreatedAt,
            Version = thread.Version + 1,
            RunsStarted = creation.Run.StartOrder,
        };
        return TryAdd(connection, busy);
    }

    /// <summary>Makes a thread busy with a run.</summary>
    public static void MakeBusy(StoreConnection connection, RunCreation creation)
    {
        connection.Use(SetBusy)
            .Add(creation.Run.ThreadId.Value).Add(creation.ThreadMetadata?.To).Add(creation.GraphConfig)
            .Add(creation.Run.CreatedAt).Add(creation.Run.StartOrder)
            .Execute();
        if (creation.ThreadMetadata is { } change)
        {
            ThreadMetadataRows.Change(connection, creation.Run.ThreadId.Value, change.From, change.To);
        }
    }

    /// <summary>Whether the actor has the thread and sees it.</summary>
    public static bool IsSeen(StoreConnection connection, ThreadId threadId, Actor actor) => actor.Scope is null
        ? Exists(connection, threadId, actor)
        : connection.Use(FindMetadata).Add(threadId.Value).Add(actor.Id).First(row => row.Text(0)) is { } metadata
            && actor.SeesThread(metadata);

    public static bool Exists(StoreConnection connection, ThreadId threadId, Actor? actor) =>
        connection.Use(IsOf).Add(threadId.Value).Add(actor?.Id).First(row => row.Integer(0)) == 1;

    /// <summary>
    /// Checks that a thread exists and is not busy. If an actor is given, the thread must be that actor's. If a version
    /// is given, the thread must have it.
    /// </summary>
    public static WriteResult Check(StoreConnection connection, ThreadId threadId, Actor? actor, long? version)
    {
        var standing = connection.Use(FindStanding).Add(threadId.Value).Add(actor?.Id)
            .First<(long Version, bool IsBusy)?>(row => (row.Integer(0), row.Integer(1) == 1));
        return standing is not { } found ? WriteResult.Missing
            : found.IsBusy ? WriteResult.Busy
            : version is { } given && given != found.Version ? WriteResult.Changed
            : WriteResult.Applied;
    }

    /// <summary>Increments the version of the thread, and sets its outcome if one is given.</summary>
    public static void Change(StoreConnection connection, ThreadId threadId, ThreadOutcome? outcome, DateTimeOffset now)
    {
        if (outcome is null)
        {
            connection.Use(AddToVersion).Add(threadId.Value).Execute();
        }
        else
        {
            SetOutcome(connection, threadId, outcome, now);
        }
    }

    /// <summary>Sets from when on the thread is due to be pruned.</summary>
    public static void SetTtl(StoreConnection connection, ThreadId threadId, ThreadTtl ttl, DateTimeOffset now) => connection.Use(SetExpiry)
        .Add(threadId.Value).Add((long)ttl.Duration.TotalMicroseconds).Add(ttl.Strategy.ToWire()).Add(now + ttl.Duration)
        .Execute();

    private static void SetOutcome(StoreConnection connection, ThreadId threadId, ThreadOutcome outcome, DateTimeOffset now) =>
        connection.Use(UpdateOutcome)
        .Add(threadId.Value).Add(outcome.Status.ToWire()).Add(outcome.Interrupts).Add(outcome.Error).Add(now).Add(outcome.StateChanged).Add(outcome.Preview)
        .Execute();

    /// <summary>Removes a thread and all rows that belong to it.</summary>
    public static void Remove(StoreConnection connection, ThreadId threadId)
    {
        // All rows are found by the thread, so its own row is removed last.
        ThreadEventRows.Remove(connection, threadId);
        connection.Use(DeleteRuns).Add(threadId.Value).Execute();
        connection.Use(DeleteCheckpoints).Add(threadId.Value).Execute();
        connection.Use(DeleteMetadata).Add(threadId.Value).Execute();
        connection.Use(DeleteOutcomes).Add(threadId.Value).Execute();
        MessageRows.Remove(connection, threadId);
        ThreadMetadataRows.Remove(connection, threadId.Value);
        FeedbackRows.Remove(connection, threadId);
        WebhookRows.RemoveEnded(connection, threadId);
        connection.Use(Delete).Add(threadId.Value).Execute();
    }

    private static Statement AddValues(Statement statement, ThreadRecord thread) => statement
        .Add(thread.ThreadId.Value).Add(thread.Owner).Add(thread.Status.ToWire())
        .Add(thread.Metadata).Add(thread.Config).Add(thread.Interrupts).Add(thread.Error)
        .Add(thread.CreatedAt).Add(thread.UpdatedAt).Add(thread.StateUpdatedAt)
        .Add((long?)thread.Ttl?.Duration.TotalMicroseconds).Add(thread.Ttl?.Strategy.ToWire()).Add(thread.ExpiresAt).Add(thread.GraphConfig)
        .Add(thread.Version).Add(thread.RunsStarted).Add(thread.Preview);
}

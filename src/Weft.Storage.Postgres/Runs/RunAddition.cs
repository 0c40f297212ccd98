using Weft.Runs;

namespace Weft.Storage.Postgres;

/// <summary>
/// Adds a run in the variants that are rare: for a cron, with the key of a request, with a change of its thread's metadata.
/// </summary>
internal static class RunAddition
{
    private const string LockRequest = "SELECT pg_advisory_xact_lock(hashtextextended($1, 1))";
    private const string HasRequest = "SELECT 1 FROM weft.runs WHERE owner = $1 AND request_key = $2 AND run_id <> $3";
    private const string LockMetadata = "SELECT 1 FROM weft.threads WHERE thread_id = $1 AND owner = $2 AND metadata = $3 FOR UPDATE";
    private const string SetMetadata = "UPDATE weft.threads SET metadata = $2, metadata_search = $3::jsonb WHERE thread_id = $1";
    private const string FindAdded = $"SELECT 1 FROM weft.runs WHERE run_id = $2 AND thread_key = {ThreadRows.Key} AND owner = $3";

    private const string IsElsewhere = $"""
        SELECT 1 FROM weft.thread_standings AS standing
        WHERE thread_key = {ThreadRows.Key} AND home IS DISTINCT FROM $2
            AND (home IS NOT NULL OR NOT ({ThreadHomeRows.HasNoRuns}))
        """;

    /// <summary>Whether a creation needs more than the statement of <see cref="RunAdd"/>.</summary>
    public static bool IsRare(RunCreation creation) => creation is not { Cron: null, Request: null, ThreadMetadata: null };

    public static async Task<RunCreated> AddAsync(Session session, RunCreation creation)
    {
        if (creation.Cron is { } due && !await CronRows.MayStepAsync(session, due))
        {
            return await IsAddedAsync(session, creation) ? RunCreated.Created : RunCreated.CronChanged;
        }

        if (creation.Request is { } request && await IsRepeatedAsync(session, creation, RunAdd.KeyOf(request)))
        {
            return RunCreated.Repeated;
        }

        var (threadId, actor) = (creation.Run.ThreadId, creation.Actor);
        var change = creation.NewThread is null ? creation.ThreadMetadata : null;
        if ((change is not null && !await IsFoundAsync(session.Use(LockMetadata).Add(threadId.Value).Add(actor.Id).Add(change.From)))
            || !await RunAdd.Kind.ApplyAsync(session, creation))
        {
            return await RefusalOfAsync(session, creation);
        }

        if (change is not null)
        {
            await session.Use(SetMetadata).Add(threadId.Value).Add(change.To).Add(SearchableJson.Of(actor.Id, change.To)).ExecuteAsync();
        }

        if (creation.Cron is { } step)
        {
            await CronRows.StepAsync(session, step);
        }

        return RunCreated.Created;
    }

    /// <summary>Returns why a run was not added. A run that was added before counts as created.</summary>
    public static async Task<RunCreated> RefusalOfAsync(Session session, RunCreation creation) =>
        await IsAddedAsync(session, creation) ? RunCreated.Created
        : !await ThreadRows.IsSeenAsync(session, creation.Run.ThreadId, creation.Actor) ? RunCreated.ThreadMissing
        : await IsFoundAsync(session.Use(IsElsewhere).Add(creation.Run.ThreadId.Value).AddServer()) ? RunCreated.Elsewhere
        : RunCreated.ThreadChanged;

    /// <summary>Whether another run has the key. Others with the same key wait until the commit.</summary>
    private static async Task<bool> IsRepeatedAsync(Session session, RunCreation creation, string key)
    {
        await session.Use(LockRequest).Add($"{creation.Actor.Id}\n{key}").FirstAsync(row => true);
        return await IsFoundAsync(session.Use(HasRequest).Add(creation.Actor.Id).Add(key).Add(creation.Run.RunId.Value));
    }

    private static Task<bool> IsAddedAsync(Session session, RunCreation creation) =>
        IsFoundAsync(session.Use(FindAdded).Add(creation.Run.ThreadId.Value).Add(creation.Run.RunId.Value).Add(creation.Actor.Id));

    private static async Task<bool> IsFoundAsync(Statement statement) => await statement.FirstAsync(row => row.Integer(0)) == 1;
}

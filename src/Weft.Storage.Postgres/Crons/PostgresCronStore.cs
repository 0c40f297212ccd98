using Weft.Runs;

namespace Weft.Storage.Postgres;

/// <summary>Keeps crons.</summary>
internal sealed class PostgresCronStore(PostgresDatabase database) : ICronStore
{
    private const string Insert = $"""
        INSERT INTO weft.crons ({CronRows.Columns})
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
        ON CONFLICT (cron_id) DO NOTHING
        """;

    // IS NOT DISTINCT FROM is the same as =, but keeps PostgreSQL from the index of owners: a cron is looked up by its id.
    private const string IsCron = "cron_id = $1 AND owner IS NOT DISTINCT FROM $2";

    private const string Update = $"""
        UPDATE weft.crons
        SET assistant_id = $3, schedule = $4, timezone = $5, end_time = $6, enabled = $7, on_run_completed = $8, next_run_date = $9,
            version = $10 + 1, updated_at = $11, metadata = $12, payload = $13, access = $14
        WHERE {IsCron} AND version = $10
        """;

    private const string IsUpdated = $"""
        SELECT 1 FROM weft.crons
        WHERE {IsCron} AND assistant_id = $3 AND schedule = $4 AND timezone = $5
          AND end_time IS NOT DISTINCT FROM $6 AND enabled = $7 AND on_run_completed = $8
          AND next_run_date IS NOT DISTINCT FROM $9 AND version = $10 + 1 AND updated_at = $11 AND metadata = $12
          AND payload = $13 AND access IS NOT DISTINCT FROM $14
        """;

    private const string Delete = $"DELETE FROM weft.crons WHERE {IsCron}";

    private const string FindCron = $"SELECT {CronRows.Columns} FROM weft.crons WHERE {IsCron}";

    // The database sums up the bytes, so that it sends no row that would not be returned.
    private const string ListDue = $"""
        SELECT {CronRows.Columns}
        FROM (
            SELECT *, sum(octet_length(payload) + octet_length(metadata))
                OVER (ORDER BY next_run_date ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS bytes_before
            FROM (
                SELECT * FROM weft.crons
                WHERE next_run_date <= $1 AND (cron_id, version) NOT IN (SELECT * FROM unnest($3::uuid[], $4::bigint[]))
                ORDER BY next_run_date LIMIT $2) AS due) AS due
        WHERE bytes_before IS NULL OR bytes_before < $5
        ORDER BY next_run_date
        """;

    private const string FindNextDue = "SELECT min(next_run_date) FROM weft.crons WHERE next_run_date IS NOT NULL";

    public Task CreateAsync(CronRecord cron, CancellationToken cancellationToken) => database.WriteAsync(
        session => CronRows.AddValues(session.Use(Insert), cron).Add(cron.ThreadId?.Value).Add(cron.CreatedAt).ExecuteAsync(),
        cancellationToken);

    public Task<WriteResult> UpdateAsync(CronRecord cron, CancellationToken cancellationToken) => database.WriteAsync(
        async session => await CronRows.AddValues(session.Use(Update), cron).ExecuteAsync() == 1
            ? WriteResult.Applied
            : await FindAsync(session, new Actor(cron.Owner), cron.CronId) is null ? WriteResult.Missing
            : await CronRows.AddValues(session.Use(IsUpdated), cron).FirstAsync(row => row.Integer(0)) == 1 ? WriteResult.Applied
            : WriteResult.Changed,
        cancellationToken);

    public Task<bool> DeleteAsync(Actor actor, CronId cronId, CancellationToken cancellationToken) => database.WriteAsync(
        Removal.Of(async session => await FindAsync(session, actor, cronId) is not null
            && await session.Use(Delete).Add(cronId.Value).Add(actor.Id).ExecuteAsync() == 1),
        cancellationToken);

    public Task<CronRecord?> FindAsync(Actor actor, CronId cronId, CancellationToken cancellationToken) =>
        database.ReadAsync(session => FindAsync(session, actor, cronId), cancellationToken);

    public async Task<LazyPage<CronRecord>> OpenSearchAsync(Actor actor, CronQuery query, CancellationToken cancellationToken)
    {
        var found = await database.SearchAsync(session => CronSearch.SearchAsync(session, actor, query), cancellationToken);
        return CronSearch.PageOf(database, actor, query, found);
    }

    public Task<IReadOnlyList<CronRecord>> ListDueAsync(
        DateTimeOffset now, int limit, IReadOnlyDictionary<CronId, long> except, CancellationToken cancellationToken)
    {
        var (ids, versions) = (except.Keys.Select(static cronId => cronId.Value).ToArray(), except.Values.ToArray());
        return database.ReadAsync<IReadOnlyList<CronRecord>>(
            async session => await session.Use(ListDue)
                .Add(now).Add(limit).Add(ids).Add(versions).Add(LazyPage<CronRecord>.BytesAtOnce).ListAsync(CronRows.Read),
            cancellationToken);
    }

    public Task<DateTimeOffset?> FindNextDueAsync(CancellationToken cancellationToken) =>
        database.ReadAsync(session => session.Use(FindNextDue).FirstAsync(row => row.TimeOrNull(0)), cancellationToken);

    private static async Task<CronRecord?> FindAsync(Session session, Actor actor, CronId cronId) =>
        await session.Use(FindCron).Add(cronId.Value).Add(actor.Id).FirstAsync(CronRows.Read) is { } cron && actor.Sees(cron)
            ? cron
            : null;
}

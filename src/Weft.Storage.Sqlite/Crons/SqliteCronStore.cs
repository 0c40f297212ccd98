using System.Text;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Storage.Sqlite;

/// <summary>Keeps crons.</summary>
internal sealed class SqliteCronStore(SqliteDatabase database) : ICronStore
{
    private const string Insert = $"""
        INSERT INTO crons ({CronRows.Columns})
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)
        ON CONFLICT (cron_id) DO NOTHING
        """;

    private const string Update = """
        UPDATE crons
        SET assistant_id = ?3, schedule = ?5, timezone = ?6, end_time = ?7, enabled = ?8, on_run_completed = ?9, next_run_date = ?10,
            version = ?11 + 1, updated_at = ?13, metadata = ?14, payload = ?15, access = ?16
        WHERE cron_id = ?1 AND owner = ?2 AND version = ?11
        """;

    private const string IsUpdated = """
        SELECT 1 FROM crons
        WHERE cron_id = ?1 AND owner = ?2 AND assistant_id = ?3 AND schedule = ?5 AND timezone = ?6 AND end_time IS ?7 AND enabled = ?8
          AND on_run_completed = ?9 AND next_run_date IS ?10 AND version = ?11 + 1 AND updated_at = ?13 AND metadata = ?14 AND payload = ?15
          AND access IS ?16
        """;

    private const string Delete = "DELETE FROM crons WHERE cron_id = ?1 AND owner = ?2";

    private const string FindCron = $"SELECT {CronRows.Columns} FROM crons WHERE cron_id = ?1 AND owner = ?2";

    private const string ListDue = $"""
        SELECT {CronRows.Columns} FROM crons
        WHERE next_run_date <= ?1 AND (cron_id, version) NOT IN (SELECT unhex(value ->> 0, '-'), value ->> 1 FROM json_each(?3))
        ORDER BY next_run_date LIMIT ?2
        """;

    private const string FindNextDue = "SELECT min(next_run_date) FROM crons WHERE next_run_date IS NOT NULL";

    public Task CreateAsync(CronRecord cron, CancellationToken cancellationToken) => database.WriteAsync(
        connection => CronRows.AddValues(connection.Use(Insert), cron).Execute(), cancellationToken);

    public Task<WriteResult> UpdateAsync(CronRecord cron, CancellationToken cancellationToken) => database.WriteAsync(
        connection => CronRows.AddValues(connection.Use(Update), cron).Execute() == 1
            ? WriteResult.Applied
            : Find(connection, new Actor(cron.Owner), cron.CronId) is null ? WriteResult.Missing
            : CronRows.AddValues(connection.Use(IsUpdated), cron).First(row => row.Integer(0)) == 1 ? WriteResult.Applied
            : WriteResult.Changed,
        cancellationToken);

    public Task<bool> DeleteAsync(Actor actor, CronId cronId, CancellationToken cancellationToken) => database.WriteAsync(
        connection => Find(connection, actor, cronId) is not null
            && connection.Use(Delete).Add(cronId.Value).Add(actor.Id).Execute() == 1,
        cancellationToken);

    public Task<CronRecord?> FindAsync(Actor actor, CronId cronId, CancellationToken cancellationToken) => database.ReadAsync(
        connection => Find(connection, actor, cronId), cancellationToken);

    public async Task<LazyPage<CronRecord>> OpenSearchAsync(Actor actor, CronQuery query, CancellationToken cancellationToken)
    {
        var found = await database.ReadOrScanAsync(
            (connection, budget) => CronSearch.Search(connection, actor, query, budget), cancellationToken);
        return LazyRows.Of(database, found, (connection, row) => CronSearch.FindKept(connection, actor, query, row));
    }

    public Task<IReadOnlyList<CronRecord>> ListDueAsync(
        DateTimeOffset now, int limit, IReadOnlyDictionary<CronId, long> except, CancellationToken cancellationToken)
    {
        var versions = VersionsJson(except);
        return database.ReadAsync<IReadOnlyList<CronRecord>>(
            connection =>
            {
                var due = new PageRows<CronRecord>(RowSizes.Of);
                connection.Use(ListDue).Add(now).Add(limit).Add(versions).ReadWhile(row =>
                {
                    due.Add(CronRows.Read(row));
                    return !due.IsFull;
                });
                return due.Rows;
            },
            cancellationToken);
    }

    public Task<DateTimeOffset?> FindNextDueAsync(CancellationToken cancellationToken) => database.ReadAsync(
        connection => connection.Use(FindNextDue).First(row => row.TimeOrNull(0)), cancellationToken);

    private static string VersionsJson(IReadOnlyDictionary<CronId, long> crons) => crons.Count == 0
        ? "[]"
        : Encoding.UTF8.GetString(GraphJson.Encode(crons, static (writer, crons) =>
        {
            writer.WriteStartArray();
            foreach (var (cronId, version) in crons)
            {
                writer.WriteStartArray();
                writer.WriteStringValue(cronId.Value);
                writer.WriteNumberValue(version);
                writer.WriteEndArray();
            }

            writer.WriteEndArray();
        }));

    private static CronRecord? Find(StoreConnection connection, Actor actor, CronId cronId) =>
        connection.Use(FindCron).Add(cronId.Value).Add(actor.Id).First(CronRows.Read) is { } cron && actor.Sees(cron) ? cron : null;
}

using System.Text;
using System.Text.Json;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Storage.Sqlite;

/// <summary>
/// Searches crons. The crons of the actor are read once, in order, and the same pass yields the page and the total.
/// </summary>
internal static class CronSearch
{
    private const string Find = $"SELECT {CronRows.Columns} FROM crons WHERE cron_key = ?1";
    private const string FindId = "SELECT hex(cron_id) FROM crons WHERE cron_key = ?1";
    private const string FindLater = $"SELECT {CronRows.Columns} FROM crons WHERE cron_key = ?1 AND hex(cron_id) = ?2";

    // A statement is prepared once for each text, which its reference identifies.
    public static readonly Dictionary<(CronSort SortBy, bool Descending), string> Candidates = Enum.GetValues<CronSort>()
        .SelectMany(sort => new[] { (sort, true), (sort, false) })
        .ToDictionary(order => order, order => CandidatesIn(ColumnOf(order.sort), order.Item2 ? " DESC" : ""));

    public static PageRows<CronRecord> Search(StoreConnection connection, Actor actor, CronQuery query, ReadBudget budget)
    {
        // The pass and the rows that it chooses are read from one snapshot.
        connection.BeginRead();
        try
        {
            var part = query.Metadata is null or "{}" ? (JsonElement?)null : GraphJson.Parse(Encoding.UTF8.GetBytes(query.Metadata));
            var filter = actor.Scope?.Crons;
            var total = 0;
            var page = new PageRows<CronRecord>(RowSizes.Of);
            var candidates = connection.Use(Candidates[(query.SortBy, query.Descending)])
                .Add(actor.Id).Add(query.AssistantId?.Value).Add(query.ThreadId?.Value)
                .Add(query.IsEnabled is { } isEnabled ? (isEnabled ? 1L : 0L) : (long?)null);
            candidates.ReadWhile(row =>
            {
                budget.Spend();
                if ((part is null && filter is null)
                    || (GraphJson.Parse(row.Bytes(1)) is var metadata
                        && (part is not { } given || JsonContainment.Contains(metadata, given))
                        && filter?.Matches(metadata) is not false))
                {
                    if (total >= query.Offset && page.Count < query.Limit)
                    {
                        page.Add(connection, Find, row.Integer(0), CronRows.Read, FindId);
                    }

                    total++;
                }

                return true;
            });
            return page.WithTotal(total);
        }
        finally
        {
            connection.TryRollback(out _);
        }
    }

    /// <summary>Finds a cron of a page that is read later. Returns null if it does not match any more.</summary>
    public static CronRecord? FindKept(StoreConnection connection, Actor actor, CronQuery query, RowKey row) =>
        connection.Use(FindLater).Add(row.Key).Add(row.Id).First(CronRows.Read) is { } cron && LaterCrons.Matches(cron, actor, query)
            ? cron
            : null;

    private static string CandidatesIn(string column, string direction) => $"""
        SELECT cron_key, metadata FROM crons
        WHERE owner = ?1 AND (?2 IS NULL OR assistant_id = ?2) AND (?3 IS NULL OR thread_id = ?3) AND (?4 IS NULL OR enabled = ?4)
        ORDER BY {column}{direction}, cron_key{direction}
        """;

    private static string ColumnOf(CronSort sort) => sort switch
    {
        CronSort.CronId => "cron_id",
        CronSort.AssistantId => "assistant_id",
        CronSort.ThreadId => "thread_id",
        CronSort.NextRunAt => "next_run_date",
        CronSort.EndTime => "end_time",
        CronSort.UpdatedAt => "updated_at",
        _ => "created_at",
    };
}

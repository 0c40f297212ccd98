using System.Text;
using System.Text.Json;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Storage.Postgres;

/// <summary>
/// Searches crons. The metadata of the crons of the actor is read once, in order, and the same pass yields the page and the total.
/// </summary>
internal static class CronSearch
{
    // A statement is prepared once for each text, which its reference identifies.
    private static readonly Dictionary<(CronSort SortBy, bool Descending), string> Candidates = Enum.GetValues<CronSort>()
        .SelectMany(sort => new[] { (sort, true), (sort, false) })
        .ToDictionary(order => order, order => CandidatesIn(ColumnOf(order.sort), isDescending: order.Item2));

    private const string List = $"""
        SELECT {CronRows.Columns}, page.place
        FROM unnest($1::bigint[]) WITH ORDINALITY AS page (cron_key, place)
        CROSS JOIN LATERAL (SELECT * FROM weft.crons AS crons WHERE crons.cron_key = page.cron_key LIMIT 1) AS crons
        ORDER BY place
        """;

    /// <summary>Returns a page of the actor's crons, which the session reads from one snapshot.</summary>
    public static async Task<PageRows<CronRecord>> SearchAsync(Session session, Actor actor, CronQuery query)
    {
        var part = query.Metadata is null or "{}" ? (JsonElement?)null : Parse(query.Metadata);
        var filter = actor.Scope?.Crons;
        var (page, total) = (new PageRows<CronRecord>(RowSizes.Of), 0);
        await session.Use(Candidates[(query.SortBy, query.Descending)])
            .Add(actor.Id).Add(query.AssistantId?.Value).Add(query.ThreadId?.Value)
            .Add(query.IsEnabled is { } isEnabled ? (isEnabled ? 1 : 0) : (int?)null)
            .ReadWhileAsync(row =>
            {
                if ((part is null && filter is null) || Matches(Parse(row.Text(1)), part, filter))
                {
                    if (total >= query.Offset && page.Count < query.Limit)
                    {
                        page.AddSizedKey(row.Integer(0), (int)row.Integer(2));
                    }

                    total++;
                }

                return true;
            });
        return await page.WithTotal(total).WithFirstRowsAsync(session, List, CronRows.ColumnCount, CronRows.Read);
    }

    /// <summary>Returns a page of an actor's crons. Those that are read later must still match.</summary>
    public static LazyPage<CronRecord> PageOf(
        PostgresDatabase database, Actor actor, CronQuery query, PageRows<CronRecord> found) => LazyRows.Of(
        database,
        found,
        List,
        CronRows.ColumnCount,
        row => CronRows.Read(row) is var cron && LaterCrons.Matches(cron, actor, query) ? cron : null);

    private static bool Matches(JsonElement metadata, JsonElement? part, MetadataFilter? filter) =>
        (part is not { } given || JsonContainment.Contains(metadata, given)) && filter?.Matches(metadata) is not false;

    private static JsonElement Parse(string json) => GraphJson.Parse(Encoding.UTF8.GetBytes(json));

    // A missing value comes before all others.
    private static string CandidatesIn(string column, bool isDescending) => $"""
        SELECT cron_key, metadata, octet_length(payload) + octet_length(metadata) FROM weft.crons
        WHERE owner = $1 AND ($2::uuid IS NULL OR assistant_id = $2) AND ($3::text IS NULL OR thread_id = $3)
          AND ($4::int IS NULL OR enabled = ($4 = 1))
        ORDER BY {column}{(isDescending ? " DESC NULLS LAST" : " NULLS FIRST")}, cron_key{(isDescending ? " DESC" : "")}
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

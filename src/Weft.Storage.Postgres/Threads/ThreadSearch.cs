using System.Text;
using System.Text.Json;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Storage.Postgres;

/// <summary>
/// Searches threads. Without conditions, a page is read from an index and the total from counters. With conditions, one index finds
/// the candidates, the other conditions are checked on their rows, and one statement returns the page and the total.
/// </summary>
internal static class ThreadSearch
{
    private const string Count = "SELECT coalesce(sum(threads), 0)::bigint FROM weft.thread_counts WHERE owner = $1";

    private const string ListLater = $"""
        SELECT {ThreadRows.Columns}, chosen.place
        FROM unnest($1::bigint[]) WITH ORDINALITY AS chosen (thread_key, place)
        CROSS JOIN LATERAL (SELECT * FROM weft.threads AS found WHERE found.thread_key = chosen.thread_key LIMIT 1) AS threads
        {ThreadRows.WithStanding}
        ORDER BY chosen.place
        """;

    /// <summary>Returns a page of an actor's threads. Those that are read later must still match.</summary>
    public static LazyPage<ThreadRecord> PageOf(
        PostgresDatabase database, Actor actor, ThreadQuery query, PageRows<ThreadRecord> found) => LazyRows.Of(
        database,
        found,
        ListLater,
        ThreadRows.ColumnCount,
        row => ThreadRows.Read(row) is var thread && LaterThreads.Matches(thread, actor, query) ? thread : null);

    public static async Task<PageRows<ThreadRecord>> SearchAsync(Session session, Actor actor, ThreadQuery query)
    {
        if (query is { Ids: null, Status: null, Metadata: null or "{}" } && actor.Scope?.Threads.IsAll is not false
            && ThreadSearchText.HasIndex(query.SortBy))
        {
            var total = await session.Use(Count).Add(actor.Id).FirstAsync(row => (int)row.Integer(0));
            var page = new PageRows<ThreadRecord>(RowSizes.Of).WithTotal(total);
            return query.Limit == 0 ? page : await page.AddAsync(
                session.Use(ThreadSearchText.PageOf(query.SortBy, query.Descending))
                    .Add(actor.Id).Add(query.Limit).Add(query.Offset),
                ThreadRows.Read,
                ThreadRows.ColumnCount);
        }

        return await SearchSomeAsync(session, actor, query);
    }

    private static async Task<PageRows<ThreadRecord>> SearchSomeAsync(Session session, Actor actor, ThreadQuery query)
    {
        var (contained, alternatives) = ConditionsOf(actor, query);
        var source = query.Ids is not null ? ThreadSource.Ids
            : contained is not null ? ThreadSource.Metadata
            : query.Status is ThreadStatus.Interrupted or ThreadStatus.Error ? ThreadSource.Stopped
            : ThreadSource.Owner;
        if (source != ThreadSource.Metadata && contained is { } part)
        {
            alternatives = alternatives.Count == 0
                ? [[part]]
                : [.. alternatives.Select(parts => (IReadOnlyList<JsonElement>)[part, .. parts])];
        }

        var shape = new ThreadSearchShape(query.SortBy, query.Descending, source, query.Status is not null, alternatives.Count > 0);
        var total = 0;
        var page = new PageRows<ThreadRecord>(RowSizes.Of);
        await session.Use(ThreadSearchText.Of(shape))
            .Add(actor.Id).Add(query.Limit).Add(query.Offset)
            .Add((query.Ids ?? []).Select(static id => id.Value).Distinct().ToArray())
            .Add(source == ThreadSource.Metadata ? SearchableJson.Of(actor.Id, contained!.Value) : null)
            .Add(query.Status?.ToWire())
            .Add(alternatives.Count > 0 ? ListOf(actor.Id, alternatives) : null)
            .ReadWhileAsync(row =>
            {
                total = (int)row.Integer(0);
                if (!row.IsNull(1))
                {
                    page.Add(row, static row => ThreadRows.Read(row, column: 1), ThreadRows.ColumnCount + 1);
                }

                return true;
            });
        return page.WithTotal(total);
    }

    /// <summary>
    /// Returns an object that metadata must contain, null if there is none, and alternatives, each of objects that it must contain.
    /// </summary>
    private static (JsonElement? Contained, IReadOnlyList<IReadOnlyList<JsonElement>> Alternatives) ConditionsOf(
        Actor actor, ThreadQuery query)
    {
        var wanted = query.Metadata is { } metadata && metadata != "{}"
            ? (JsonElement?)GraphJson.Parse(Encoding.UTF8.GetBytes(metadata))
            : null;
        var alternatives = actor.Scope is { Threads: { IsAll: false } filter }
            ? filter.Alternatives
                .Select(conditions => (IReadOnlyList<JsonElement>)[.. conditions.Select(static condition => condition.ToPart())])
                .ToList()
            : [];

        // The index takes one object. Without a condition of the query it is the first of the actor's only alternative.
        return wanted is null && alternatives is [{ Count: > 0 } parts]
            ? (parts[0], parts.Count > 1 ? [[.. parts.Skip(1)]] : [])
            : (wanted, alternatives);
    }

    private static string ListOf(string owner, IReadOnlyList<IReadOnlyList<JsonElement>> alternatives) =>
        Encoding.UTF8.GetString(GraphJson.Encode((owner, alternatives), static (writer, given) =>
        {
            writer.WriteStartArray();
            foreach (var parts in given.alternatives)
            {
                writer.WriteStartArray();
                foreach (var part in parts)
                {
                    writer.WriteRawValue(SearchableJson.Of(given.owner, part));
                }

                writer.WriteEndArray();
            }

            writer.WriteEndArray();
        }));
}

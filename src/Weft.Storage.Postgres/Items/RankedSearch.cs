using Weft.Graphs;
using Weft.Runs;

namespace Weft.Storage.Postgres;

/// <summary>
/// A search by a vector. The items are looked up in the order of their scores until the page is full, so that only these are
/// checked against the filter. The result is the same as if all were checked before they are ranked.
/// </summary>
internal sealed class RankedSearch(
    PostgresDatabase database, IVectorRanking ranking, VectorRange range, ItemQuery query, DateTimeOffset now)
{
    private const int ItemsAtOnceMin = 20;
    private const int ItemsAtOnceMax = 200;

    private const string ListRanked = $"""
        SELECT {ItemRows.Columns}, items.item_key, chosen.place
        FROM unnest($1::bigint[]) WITH ORDINALITY AS chosen (vector_key, place)
        CROSS JOIN LATERAL (
            SELECT vector_key, item_key FROM weft.item_vectors AS found WHERE found.vector_key = chosen.vector_key LIMIT 1) AS vectors
        CROSS JOIN LATERAL (SELECT * FROM weft.items AS found WHERE found.item_key = vectors.item_key LIMIT 1) AS items
        ORDER BY chosen.place
        """;

    // An item that was embedded after the ranking has no score yet. The sums keep PostgreSQL from other indexes.
    private const string ListOthers = $"""
        SELECT item_key, namespace, key FROM weft.items AS items
        WHERE {ItemSearch.Below} AND (
            SELECT 1 FROM weft.item_vectors AS vectors
            WHERE vectors.item_key = items.item_key AND vectors.space_key + 0 = $5 AND vectors.vector_key + 0 <= $6 LIMIT 1) IS NULL
        {ItemSearch.InOrder}
        """;

    public async Task<PageRows<Item>> SearchAsync(ReadOnlyMemory<float> vector, CancellationToken cancellationToken)
    {
        // Some more, because an item may have several vectors, and some items may not match.
        int? count = (int)Math.Min(int.MaxValue, 2 * ((long)query.Offset + query.Limit));
        while (true)
        {
            using var ranked = await ranking.RankAsync(range, vector, count, cancellationToken);
            var (page, gone) = await database.SearchAsync(session => FillAsync(session, ranked), cancellationToken);
            ranking.ReportGone(range, gone);
            if (page.IsFull || ranked.IsComplete)
            {
                return page.Items;
            }

            count = null;
        }
    }

    private async Task<(ItemPage Page, int Gone)> FillAsync(Session session, RankedVectors ranked)
    {
        var (page, seen, gone) = (new ItemPage(query), new HashSet<long>(), 0);
        var count = (int)Math.Clamp(page.Missing, ItemsAtOnceMin, ItemsAtOnceMax);
        for (var at = 0; !page.IsFull && ranked.Read(at, count) is { Count: > 0 } chosen; at += count)
        {
            session.CancellationToken.ThrowIfCancellationRequested();
            var found = 0;
            await session.Use(ListRanked).Add(chosen.Select(row => row.Key).ToArray()).ReadWhileAsync(row =>
            {
                found++;
                var key = row.Integer(ItemRows.ColumnCount);
                // An item with several vectors has the score of the most similar one.
                if (!page.IsFull && seen.Add(key) && ItemRows.Read(row) is var item && !(item.ExpiresAt <= now))
                {
                    var score = chosen[(int)row.Integer(ItemRows.ColumnCount + 1) - 1].Score;
                    page.Add(item with { Score = Math.Clamp(score, -1, 1) }, key);
                }

                return true;
            });
            gone += chosen.Count - found;
        }

        if (ranked.IsComplete)
        {
            var others = ItemRows.AddRange(session.Use(ListOthers).Add(range.Owner), range.Prefix.Path, range.Prefix)
                .Add(now).Add(range.Space).Add(ranked.Last);
            await ItemSearch.AddAsync(session, page, others);
        }

        return (page, gone);
    }
}

using System.Collections.Concurrent;
using System.Globalization;

namespace Weft.Storage.Postgres;

/// <summary>Ranks vectors in the database, with the extension pgvector.</summary>
internal sealed class ExtensionRanking(PostgresDatabase database, VectorExtension extension) : IVectorRanking
{
    // The bounds of hnsw.ef_search.
    private const int CountMin = 100;
    private const int CountMax = 1_000;

    // The index looks at so many rows, of which those of other ranges are then skipped.
    private const string SetExamined = "SELECT set_config('hnsw.ef_search', $1, true)";

    private readonly ConcurrentDictionary<(long Space, int Dimensions), (string Some, string All)> _statements = new();

    public Task<RankedVectors> RankAsync(
        VectorRange range, ReadOnlyMemory<float> vector, int? count, CancellationToken cancellationToken) => database.SearchAsync(
        async session =>
        {
            var statements = _statements.GetOrAdd((range.Space, vector.Length), key => StatementsOf(key.Space, key.Dimensions));
            var examined = count <= CountMax ? Math.Max(count.Value, CountMin) : (int?)null;
            if (examined is { } given)
            {
                await session.Use(SetExamined).Add(given.ToString(CultureInfo.InvariantCulture)).FirstAsync(row => row.Text(0));
            }

            var last = await ItemVectorRows.FindLastAsync(session, range);
            var statement = ItemRows.AddRange(
                    session.Use(examined is null ? statements.All : statements.Some).Add(range.Owner), range.Prefix.Path, range.Prefix)
                .Add(vector.ToArray());
            var ranked = await (examined is { } limit ? statement.Add(limit) : statement)
                .ListAsync(row => (Key: row.Integer(0), Score: (float)row.Real(1)));
            var ranking = new Ranking(ranked.Count);
            ranked.ForEach(row => ranking.Add(row.Key, row.Score));
            return new RankedVectors(ranking, last, isComplete: examined is null);
        },
        cancellationToken);

    public void ReportGone(VectorRange range, int rows)
    {
        // Nothing is kept.
    }

    private (string Some, string All) StatementsOf(long space, int dimensions)
    {
        // The index has these constants.
        var product = $"{extension.ExpressionOf(dimensions)} {extension.Product} {extension.Cast("$4", dimensions)}";
        var all = string.Create(
            CultureInfo.InvariantCulture,
            $"""
            SELECT vector_key, -({product}) FROM weft.item_vectors
            WHERE space_key = {space} AND owner = $1 AND namespace >= $2 AND namespace < $3
            """);
        return ($"{all} ORDER BY {product} LIMIT $5", all);
    }
}

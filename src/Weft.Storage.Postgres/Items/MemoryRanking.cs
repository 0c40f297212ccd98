using System.Numerics.Tensors;
using Weft.Runs;

namespace Weft.Storage.Postgres;

/// <summary>Ranks vectors that a cache keeps in memory.</summary>
internal sealed class MemoryRanking(PostgresDatabase database, VectorCache cache, ScanThreads? scans) : IVectorRanking
{
    // It takes about a millisecond to score so many.
    private const int ScoredAtOnce = 20_000;

    private const string Below = "namespace >= $3 AND namespace < $4";

    private const string ListAll = $"""
        SELECT vector_key, vector FROM weft.item_vectors
        WHERE space_key = $1 AND owner = $2 AND {Below} AND vector_key <= $5
        """;

    // The rows of the other namespaces are skipped afterwards, so that the index in the order of the keys is used.
    private const string ListNew = $"""
        WITH added AS MATERIALIZED (
            SELECT vector_key, namespace, vector FROM weft.item_vectors
            WHERE space_key = $1 AND owner = $2 AND vector_key > $6 AND vector_key <= $5 ORDER BY vector_key)
        SELECT vector_key, vector FROM added WHERE {Below}
        """;

    public async Task<RankedVectors> RankAsync(
        VectorRange range, ReadOnlyMemory<float> vector, int? count, CancellationToken cancellationToken)
    {
        var cached = cache.Find(range);
        VectorRows? rows;
        long last;
        await cached.Turn.WaitAsync(cancellationToken);
        try
        {
            (rows, last) = await database.SearchAsync(
                session => TryRefreshAsync(session, cached, range, vector.Length), cancellationToken);
        }
        finally
        {
            cached.Turn.Release();
        }

        if (rows is null)
        {
            return await database.SearchAsync(session => RankUncachedAsync(session, range, vector), cancellationToken);
        }

        cache.Count(range, cached, rows);
        var ranking = rows.Count <= ScoredAtOnce || scans is null
            ? Score(rows, vector)
            : await scans.RunAsync(() => Task.FromResult(Score(rows, vector)), cancellationToken);
        return new RankedVectors(ranking, last, isComplete: true);
    }

    public void ReportGone(VectorRange range, int rows) => cache.ReportGone(range, rows);

    /// <summary>Adds the rows that are not in memory. Returns null if they are too many to be kept.</summary>
    private static async Task<(VectorRows? Rows, long Last)> TryRefreshAsync(
        Session session, CachedVectors cached, VectorRange range, int dimensions)
    {
        if (cached.IsTooLarge)
        {
            return (null, 0);
        }

        var last = await ItemVectorRows.FindLastAsync(session, range);
        if (last > cached.Last)
        {
            using var reading = cached.Begin(dimensions);
            var halves = new Half[dimensions];
            var statement = Use(session, cached.Last == 0 ? ListAll : ListNew, range).Add(last);
            await (cached.Last == 0 ? statement : statement.Add(cached.Last)).ReadWhileAsync(row =>
            {
                TensorPrimitives.ConvertToHalf(row.Reals(1), halves);
                return reading.Add(row.Integer(0), halves);
            });
            reading.Complete(last);
        }

        return (cached.Rows(dimensions), cached.Last);
    }

    private static async Task<RankedVectors> RankUncachedAsync(Session session, VectorRange range, ReadOnlyMemory<float> vector)
    {
        var last = await ItemVectorRows.FindLastAsync(session, range);
        var ranking = new Ranking(0);
        try
        {
            await Use(session, ListAll, range).Add(last).ReadWhileAsync(row =>
            {
                ranking.Add(row.Integer(0), TensorPrimitives.Dot(row.Reals(1), vector.Span));
                return true;
            });
            return new RankedVectors(ranking, last, isComplete: true);
        }
        catch
        {
            ranking.Dispose();
            throw;
        }
    }

    private static Statement Use(Session session, string sql, VectorRange range) =>
        ItemRows.AddRange(session.Use(sql).Add(range.Space).Add(range.Owner), range.Prefix.Path, range.Prefix);

    private static Ranking Score(VectorRows rows, ReadOnlyMemory<float> vector)
    {
        var ranking = new Ranking(rows.Count);
        rows.Score(vector.Span, ranking);
        return ranking;
    }
}

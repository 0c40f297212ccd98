using System.Runtime.InteropServices;

namespace Weft.Storage.Sqlite;

/// <summary>Ranks the vectors below a namespace, which a cache keeps in memory.</summary>
internal static class VectorRanking
{
    private const string FindLast = "SELECT max(vector_key) FROM item_vectors";

    private const string Below = "owner = ?1 AND namespace >= ?2 AND namespace < ?3";

    public const string ListAll = $"""
        SELECT vector_key, vectors FROM item_vectors
        WHERE item_key IN (SELECT item_key FROM items WHERE {Below}) AND space_key = ?4
        """;

    // The sign keeps SQLite from another index.
    public const string ListNew = $"""
        SELECT vector_key, vectors FROM item_vectors INDEXED BY item_vectors_in_order
        WHERE {Below} AND vector_key > ?5 AND +space_key = ?4
        """;

    // So many rows are scored in the time in which another read examines one.
    private const int ScoredPerRow = 20;

    /// <summary>Ranks the rows of a range, as the transaction of the connection sees them.</summary>
    public static Ranking Rank(
        StoreConnection connection, VectorCache cache, VectorRange range, ReadOnlySpan<float> vector, ReadBudget budget)
    {
        var cached = cache.Find(range);
        VectorRows? rows;
        // A wait may take seconds, so it is on a thread for long reads.
        if (!cached.Turn.Wait(TimeSpan.Zero))
        {
            budget.Spend(ReadBudget.RowsAtOnce + 1);
            cached.Turn.Wait();
        }

        try
        {
            rows = TryRefresh(connection, cached, range, vector.Length, budget);
        }
        finally
        {
            cached.Turn.Release();
        }

        if (rows is null)
        {
            return RankUncached(connection, range, vector, budget);
        }

        cache.Count(range, cached, rows);
        budget.Spend(rows.Count / ScoredPerRow);
        var ranking = new Ranking(rows.Count);
        rows.Score(vector, ranking);
        return ranking;
    }

    private static Statement Use(StoreConnection connection, string sql, VectorRange range) =>
        ItemSearch.Range(connection.Use(sql).Add(range.Owner), range.Prefix.Path, range.Prefix).Add(range.Space);

    /// <summary>Adds the rows that are not in memory. Returns null if they are too many to be kept.</summary>
    private static VectorRows? TryRefresh(
        StoreConnection connection, CachedVectors cached, VectorRange range, int dimensions, ReadBudget budget)
    {
        if (cached.IsTooLarge)
        {
            return null;
        }

        var last = connection.Use(FindLast).First(row => row.IsNull(0) ? 0 : row.Integer(0));
        if (last > cached.Last)
        {
            using var reading = cached.Begin(dimensions);
            var statement = cached.Last == 0
                ? Use(connection, ListAll, range)
                : Use(connection, ListNew, range).Add(cached.Last);
            statement.ReadWhile(row =>
            {
                budget.Spend();
                return reading.Add(row.Integer(0), MemoryMarshal.Cast<byte, Half>(row.Bytes(1)));
            });
            reading.Complete(last);
        }

        return cached.Rows(dimensions);
    }

    private static Ranking RankUncached(StoreConnection connection, VectorRange range, ReadOnlySpan<float> vector, ReadBudget budget)
    {
        var ranking = new Ranking(0);
        try
        {
            var (values, buffer) = (vector.ToArray(), new float[vector.Length]);
            Use(connection, ListAll, range).ReadWhile(row =>
            {
                budget.Spend();
                VectorRows.Score(row.Integer(0), MemoryMarshal.Cast<byte, Half>(row.Bytes(1)), values, buffer, ranking);
                return true;
            });
            return ranking;
        }
        catch
        {
            ranking.Dispose();
            throw;
        }
    }
}

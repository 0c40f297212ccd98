using System.Runtime.InteropServices;
using Weft.Graphs;

namespace Weft.Storage.Sqlite;

/// <summary>
/// Keeps the vectors below the namespaces that were searched last in memory, up to a number of bytes. Rows of vectors never change,
/// so nothing is invalidated: each search adds the rows that are new.
/// </summary>
internal sealed class VectorCache(long bytesMax)
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

    // Protects the fields below, and those of the entries that are in the dictionary.
    private readonly Lock _lock = new();
    private readonly Dictionary<(string Owner, string Path, long Space), Entry> _entries = [];
    private long _bytes;
    private long _uses;

    /// <summary>Ranks the rows below a namespace, as the transaction of the connection sees them.</summary>
    public Ranking Rank(
        StoreConnection connection, string owner, ItemNamespace prefix, long space, ReadOnlySpan<float> vector, ReadBudget budget)
    {
        var key = (owner, prefix.Path, space);
        var entry = Find(key);
        VectorRows? rows;
        // Searches below one namespace wait here while one of them reads rows, so that the rows are read once. That may take seconds,
        // so they wait on threads for long reads.
        if (!Monitor.TryEnter(entry))
        {
            budget.Spend(ReadBudget.RowsAtOnce + 1);
            Monitor.Enter(entry);
        }

        try
        {
            rows = TryRefresh(entry, connection, owner, prefix, space, vector.Length, budget);
        }
        finally
        {
            Monitor.Exit(entry);
        }

        if (rows is null)
        {
            return RankUncached(connection, owner, prefix, space, vector, budget);
        }

        Count(key, entry, rows.Bytes, rows.Count);
        budget.Spend(rows.Count / ScoredPerRow);
        var ranking = new Ranking(rows.Count);
        rows.Score(vector, ranking);
        return ranking;
    }

    /// <summary>
    /// Notes rows of a ranking that do not exist any more. A namespace is read again when such rows are a quarter of it.
    /// </summary>
    public void ReportGone(string owner, ItemNamespace prefix, long space, int rows)
    {
        lock (_lock)
        {
            if (rows > 0 && _entries.TryGetValue((owner, prefix.Path, space), out var entry) && (entry.Gone += rows) > entry.Rows / 4)
            {
                Remove((owner, prefix.Path, space), entry);
            }
        }
    }

    private static Statement Use(StoreConnection connection, string sql, string owner, ItemNamespace prefix, long space) =>
        ItemSearch.Range(connection.Use(sql).Add(owner), prefix.Path, prefix).Add(space);

    /// <summary>Adds the rows that the entry does not have. Returns null if they are too many to be kept.</summary>
    private VectorRows? TryRefresh(
        Entry entry, StoreConnection connection, string owner, ItemNamespace prefix, long space, int dimensions, ReadBudget budget)
    {
        if (entry.IsTooLarge)
        {
            return null;
        }

        var last = connection.Use(FindLast).First(row => row.IsNull(0) ? 0 : row.Integer(0));
        var block = entry.Block ?? new VectorBlock(dimensions);
        if (last > entry.Last)
        {
            var statement = entry.Block is null
                ? Use(connection, ListAll, owner, prefix, space)
                : Use(connection, ListNew, owner, prefix, space).Add(entry.Last);
            try
            {
                statement.ReadWhile(row =>
                {
                    budget.Spend();
                    block.Add(row.Integer(0), row.Bytes(1));
                    return block.Bytes <= bytesMax;
                });
                entry.Last = last;
            }
            catch
            {
                // Some rows are there twice when they are read again.
                entry.Block = null;
                entry.Last = 0;
                throw;
            }
        }

        entry.IsTooLarge = block.Bytes > bytesMax;
        entry.Block = entry.IsTooLarge ? null : block;
        return entry.Block?.Rows();
    }

    private static Ranking RankUncached(
        StoreConnection connection, string owner, ItemNamespace prefix, long space, ReadOnlySpan<float> vector, ReadBudget budget)
    {
        var ranking = new Ranking(0);
        try
        {
            var (values, buffer) = (vector.ToArray(), new float[vector.Length]);
            Use(connection, ListAll, owner, prefix, space).ReadWhile(row =>
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

    private Entry Find((string Owner, string Path, long Space) key)
    {
        lock (_lock)
        {
            if (!_entries.TryGetValue(key, out var entry))
            {
                _entries[key] = entry = new Entry();
                _bytes += entry.Counted;
            }

            entry.Used = ++_uses;
            return entry;
        }
    }

    /// <summary>Counts the bytes of the entry, and removes the entries that were used least recently until the others fit.</summary>
    private void Count((string Owner, string Path, long Space) key, Entry entry, long bytes, int rows)
    {
        lock (_lock)
        {
            if (_entries.GetValueOrDefault(key) != entry)
            {
                // It was removed meanwhile.
                return;
            }

            _bytes += bytes - entry.Counted;
            (entry.Counted, entry.Rows) = (bytes, rows);
            while (_bytes > bytesMax)
            {
                var (oldest, least) = _entries.MinBy(other => other.Value.Used);
                Remove(oldest, least);
            }
        }
    }

    private void Remove((string Owner, string Path, long Space) key, Entry entry)
    {
        _entries.Remove(key);
        _bytes -= entry.Counted;
        entry.Counted = 0;
    }

    private sealed class Entry
    {
        // A search that holds the lock of the entry uses these.
        public VectorBlock? Block { get; set; }

        public long Last { get; set; }

        public bool IsTooLarge { get; set; }

        // A search that holds the lock of the cache uses these.
        public long Counted { get; set; } = VectorBlock.OwnBytes;

        public int Rows { get; set; }

        public int Gone { get; set; }

        public long Used { get; set; }
    }
}

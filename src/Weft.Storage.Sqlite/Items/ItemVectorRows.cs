using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Storage.Sqlite;

/// <summary>Reads and writes the vectors of items.</summary>
internal static class ItemVectorRows
{
    // About a millisecond of work.
    private const int ExaminedMax = 2_000;

    private const string FindSpace = "SELECT space_key FROM item_spaces WHERE name = ?1";
    private const string AddSpace = "INSERT INTO item_spaces (name) VALUES (?1) ON CONFLICT DO NOTHING";

    // The entry is for the value that was embedded. The item may have another one by now.
    public const string Put = """
        INSERT OR REPLACE INTO item_vectors (item_key, space_key, owner, namespace, vectors)
        SELECT item_key, ?6, owner, namespace, ?7 FROM items
        WHERE owner = ?1 AND namespace = ?2 AND key = ?3 AND value = ?4 AND indexed_paths IS ?5
        """;

    private const string Unindexed = "NOT EXISTS (SELECT 1 FROM item_vectors AS v WHERE v.item_key = items.item_key AND v.space_key = ?1)";

    private const string ListUnindexed = $"""
        SELECT {ItemRows.Columns}, owner, item_key FROM items
        WHERE item_key > ?2 AND item_key <= ?3 AND {Unindexed} AND (expires_at IS NULL OR expires_at > ?4)
        ORDER BY item_key LIMIT ?5
        """;

    private const string FindEnd = "SELECT max(item_key) FROM (SELECT item_key FROM items WHERE item_key > ?1 ORDER BY item_key LIMIT ?2)";

    public const string FindUnindexed = $"""
        SELECT {ItemRows.Columns} FROM items
        WHERE owner = ?2 AND namespace = ?3 AND key = ?4 AND {Unindexed} AND (expires_at IS NULL OR expires_at > ?5)
        """;

    /// <summary>Returns the key of a space; 0 if it has no entries yet.</summary>
    public static long SpaceOf(StoreConnection connection, string space) =>
        connection.Use(FindSpace).Add(space).First(row => row.Integer(0));

    public static UnindexedItems List(StoreConnection connection, string space, long after, int limit, DateTimeOffset now)
    {
        var end = connection.Use(FindEnd).Add(after).Add(ExaminedMax).First(row => row.IsNull(0) ? (long?)null : row.Integer(0));
        if (end is not { } last)
        {
            return new UnindexedItems([], null);
        }

        var found = connection.Use(ListUnindexed).Add(SpaceOf(connection, space)).Add(after).Add(last).Add(now).Add(limit)
            .List(row => (new Actor(row.Text(8)), ItemRows.Read(row), row.Integer(9)));
        return new UnindexedItems(
            found.ConvertAll(item => (item.Item1, item.Item2)), found.Count == limit ? found[^1].Item3 : last);
    }

    public static Item? Find(
        StoreConnection connection, string space, string owner, ItemNamespace ns, string key, DateTimeOffset now) =>
        connection.Use(FindUnindexed).Add(SpaceOf(connection, space)).Add(owner).Add(ns.Path).Add(key).Add(now).First(ItemRows.Read);

    public static void Add(StoreConnection connection, string space, IReadOnlyList<ItemEntry> entries)
    {
        connection.Use(AddSpace).Add(space).Execute();
        var spaceKey = SpaceOf(connection, space);
        foreach (var entry in entries)
        {
            connection.Use(Put)
                .Add(entry.Actor.Id).Add(entry.Item.Namespace.Path).Add(entry.Item.Key)
                .Add(JsonMarshal.GetRawUtf8Value(entry.Item.Value).ToArray()).Add(IndexedPathsText.Of(entry.Item))
                .Add(spaceKey).Add(Encode(entry.Vectors))
                .Execute();
        }
    }

    private static byte[] Encode(IReadOnlyList<ReadOnlyMemory<float>> vectors)
    {
        var encoded = new byte[vectors.Sum(vector => vector.Length) * 2];
        var halves = MemoryMarshal.Cast<byte, Half>(encoded.AsSpan());
        foreach (var vector in vectors)
        {
            TensorPrimitives.ConvertToHalf(vector.Span, halves);
            halves = halves[vector.Length..];
        }

        return encoded;
    }
}

using Weft.Graphs;
using Weft.Runs;

namespace Weft.Storage.Postgres;

/// <summary>Reads and writes the vectors of items.</summary>
internal static class ItemVectorRows
{
    // About a millisecond of work.
    private const int ExaminedMax = 2_000;

    private const string FindSpace = "SELECT space_key FROM weft.item_spaces WHERE name = $1";

    // It locks the row in any case. Who adds rows has the space alone, so the keys of its vectors are in the order of the commits.
    private const string LockSpace = """
        INSERT INTO weft.item_spaces AS spaces (name) VALUES ($1) ON CONFLICT (name) DO UPDATE SET name = spaces.name RETURNING space_key
        """;

    // The entry is for the value that was embedded. The item may have another one by now.
    private const string LockItems = """
        SELECT given.place, items.item_key
        FROM unnest($1::text[], $2::text[], $3::text[], $4::bytea[], $5::text[])
            WITH ORDINALITY AS given (owner, namespace, key, value, indexed_paths, place)
        CROSS JOIN LATERAL (
            SELECT item_key FROM weft.items AS items
            WHERE items.owner = given.owner AND items.namespace = given.namespace AND items.key = given.key
              AND items.value = given.value AND items.indexed_paths IS NOT DISTINCT FROM given.indexed_paths
            LIMIT 1 FOR SHARE) AS items
        """;

    private const string DeleteEntries = "DELETE FROM weft.item_entries WHERE item_key = ANY($1)";

    private const string AddEntries =
        "INSERT INTO weft.item_entries (item_key, space_key) SELECT item_key, $2 FROM unnest($1::bigint[]) AS given (item_key)";

    // The vectors are given one after the other, because an array of arrays would be taken apart entirely.
    private const string AddVectors = """
        INSERT INTO weft.item_vectors (item_key, space_key, owner, namespace, vector)
        SELECT item_key, $2, owner, namespace, ($5::real[])[(place - 1) * $6 + 1 : place * $6]
        FROM unnest($1::bigint[], $3::text[], $4::text[]) WITH ORDINALITY AS given (item_key, owner, namespace, place)
        ORDER BY place
        """;

    private const string FindLast = """
        SELECT vector_key FROM weft.item_vectors WHERE space_key = $1 AND owner = $2 ORDER BY vector_key DESC LIMIT 1
        """;

    private const string Unindexed = """
        (SELECT entries.space_key FROM weft.item_entries AS entries WHERE entries.item_key = items.item_key LIMIT 1)
            IS DISTINCT FROM $1 AND (expires_at IS NULL OR expires_at > $2)
        """;

    private const string FindEnd = """
        SELECT max(item_key) FROM (SELECT item_key FROM weft.items WHERE item_key > $1 ORDER BY item_key LIMIT $2) AS examined
        """;

    private const string ListUnindexed = $"""
        SELECT {ItemRows.Columns}, items.owner, items.item_key FROM weft.items AS items
        WHERE {Unindexed} AND item_key > $3 AND item_key <= $4 ORDER BY item_key LIMIT $5
        """;

    private const string FindUnindexed = $"""
        SELECT {ItemRows.Columns} FROM weft.items AS items WHERE {Unindexed} AND owner = $3 AND namespace = $4 AND key = $5
        """;

    /// <summary>Returns the key of a space; 0 if it has no entries yet.</summary>
    public static Task<long> FindSpaceAsync(Session session, string space) =>
        session.Use(FindSpace).Add(space).FirstAsync(row => row.Integer(0));

    /// <summary>Returns the key of the last vector of an owner; 0 if there is none.</summary>
    public static Task<long> FindLastAsync(Session session, VectorRange range) =>
        session.Use(FindLast).Add(range.Space).Add(range.Owner).FirstAsync(row => row.Integer(0));

    /// <summary>Returns items without an entry, which the session reads from one snapshot.</summary>
    public static async Task<UnindexedItems> ListAsync(Session session, string space, long after, int limit, DateTimeOffset now)
    {
        var end = await session.Use(FindEnd).Add(after).Add(ExaminedMax).FirstAsync(row => row.IsNull(0) ? (long?)null : row.Integer(0));
        if (end is not { } last)
        {
            return new UnindexedItems([], null);
        }

        var found = await session.Use(ListUnindexed).Add(await FindSpaceAsync(session, space)).Add(now).Add(after).Add(last).Add(limit)
            .ListAsync(row => (
                Actor: new Actor(row.Text(ItemRows.ColumnCount)), Item: ItemRows.Read(row), Key: row.Integer(ItemRows.ColumnCount + 1)));
        return new UnindexedItems(found.ConvertAll(item => (item.Actor, item.Item)), found.Count == limit ? found[^1].Key : last);
    }

    public static async Task<Item?> FindAsync(
        Session session, string space, string owner, ItemNamespace ns, string key, DateTimeOffset now) =>
        await session.Use(FindUnindexed).Add(await FindSpaceAsync(session, space)).Add(now).Add(owner).Add(ns.Path).Add(key)
            .FirstAsync(ItemRows.Read);

    /// <summary>Adds the entries whose items have not changed. Returns the key of the space.</summary>
    public static async Task<long> AddAsync(Session session, string space, IReadOnlyList<ItemEntry> entries)
    {
        var spaceKey = await session.Use(LockSpace).Add(space).FirstAsync(row => row.Integer(0));
        var found = await session.Use(LockItems)
            .Add(entries.Select(entry => entry.Actor.Id).ToArray())
            .Add(entries.Select(entry => entry.Item.Namespace.Path).ToArray())
            .Add(entries.Select(entry => entry.Item.Key).ToArray())
            .Add(entries.Select(entry => ItemRows.ValueOf(entry.Item)).ToArray())
            .Add(entries.Select(entry => IndexedPathsText.Of(entry.Item)).ToArray())
            .ListAsync(row => (Entry: entries[(int)row.Integer(0) - 1], Key: row.Integer(1)));

        var current = found.DistinctBy(entry => entry.Key).ToList();
        var keys = current.ConvertAll(entry => entry.Key).ToArray();
        await session.Use(DeleteEntries).Add(keys).ExecuteAsync();
        await session.Use(AddEntries).Add(keys).Add(spaceKey).ExecuteAsync();

        var vectors = current.SelectMany(row => row.Entry.Vectors, (row, vector) => (row.Key, row.Entry, Vector: vector)).ToList();
        if (vectors.Count > 0)
        {
            await session.Use(AddVectors)
                .Add(vectors.ConvertAll(row => row.Key).ToArray()).Add(spaceKey)
                .Add(vectors.ConvertAll(row => row.Entry.Actor.Id).ToArray())
                .Add(vectors.ConvertAll(row => row.Entry.Item.Namespace.Path).ToArray())
                .Add(vectors.SelectMany(row => row.Vector.ToArray()).ToArray()).Add(vectors[0].Vector.Length)
                .ExecuteAsync();
        }

        return spaceKey;
    }
}

using System.Text;
using System.Text.Json;
using Weft.Graphs;

namespace Weft.Storage.Sqlite;

/// <summary>The index of the metadata of threads. Members that are objects or lists, and long texts, are not in it.</summary>
internal static class ThreadMetadataRows
{
    /// <summary>
    /// The number of members of one thread that are listed. A thread with more is listed apart, and a search reads its metadata.
    /// </summary>
    public const int MembersMax = 100;

    private const string OfChunk = "owner = ?1 AND name = ?2 AND value = ?3 AND chunk = ?4";

    private const string FindChunk = $"SELECT threads FROM thread_metadata WHERE {OfChunk}";
    private const string SetChunk = $"UPDATE thread_metadata SET threads = ?5 WHERE {OfChunk}";
    private const string DeleteChunk = $"DELETE FROM thread_metadata WHERE {OfChunk}";

    private const string AddKey = """
        INSERT INTO thread_metadata (owner, name, value, chunk, threads) VALUES (?1, ?2, ?3, ?4, ?5)
        ON CONFLICT DO UPDATE SET threads = with_key(threads, ?6)
        """;

    public const string ListChunks = "SELECT chunk, threads FROM thread_metadata WHERE owner = ?1 AND name = ?2 AND value = ?3";

    private const string FindThread = "SELECT thread_key, owner, metadata FROM threads WHERE thread_id = ?1";
    private const string ListThreads = "SELECT thread_key, owner, metadata FROM threads ORDER BY thread_key";

    // Lists the threads with too many members. No member has this name.
    private static readonly MetadataMember TooMany = new("", "");

    /// <summary>Lists a new thread.</summary>
    public static void Add(StoreConnection connection, string owner, long threadKey, string metadata) =>
        Change(connection, owner, threadKey, [], Read(metadata));

    /// <summary>Lists a thread by its new metadata instead of its earlier one. The row of the thread may have either.</summary>
    public static void Change(StoreConnection connection, string threadId, string from, string to)
    {
        if (connection.Use(FindThread).Add(threadId).First<(long Key, string Owner)?>(row => (row.Integer(0), row.Text(1))) is { } thread)
        {
            Change(connection, thread.Owner, thread.Key, Read(from), Read(to));
        }
    }

    /// <summary>Lists a thread no longer. Its row still exists.</summary>
    public static void Remove(StoreConnection connection, string threadId)
    {
        var thread = connection.Use(FindThread).Add(threadId)
            .First<(long Key, string Owner, string Metadata)?>(row => (row.Integer(0), row.Text(1), row.Text(2)));
        if (thread is { } found)
        {
            Change(connection, found.Owner, found.Key, Read(found.Metadata), []);
        }
    }

    /// <summary>Lists the threads of a file of an earlier version.</summary>
    public static void AddAll(StoreConnection connection) => connection.Use(ListThreads).ReadWhile(row =>
    {
        Add(connection, row.Text(1), row.Integer(0), row.Text(2));
        return true;
    });

    /// <summary>Returns the threads with a member.</summary>
    public static KeySet Find(StoreConnection connection, string owner, MetadataMember member)
    {
        var keys = new KeySet();
        connection.Use(ListChunks).Add(owner).Add(member.Name).Add(member.Value).ReadWhile(row =>
        {
            keys.AddChunk(row.Integer(0), row.Bytes(1));
            return true;
        });
        return keys;
    }

    /// <summary>Returns the threads that have too many members to be listed by them.</summary>
    public static KeySet FindUnlisted(StoreConnection connection, string owner) => Find(connection, owner, TooMany);

    private static void Change(
        StoreConnection connection, string owner, long threadKey, HashSet<MetadataMember> from, HashSet<MetadataMember> to)
    {
        foreach (var member in from)
        {
            if (!to.Contains(member))
            {
                Remove(connection, owner, member, threadKey);
            }
        }

        foreach (var member in to)
        {
            if (!from.Contains(member))
            {
                Add(connection, owner, member, threadKey);
            }
        }
    }

    private static void Add(StoreConnection connection, string owner, MetadataMember member, long threadKey) =>
        Use(connection, AddKey, owner, member, KeySet.ChunkOf(threadKey))
            .Add(KeySet.With([], threadKey, isIn: true)).Add(threadKey).Execute();

    private static void Remove(StoreConnection connection, string owner, MetadataMember member, long threadKey)
    {
        var chunk = KeySet.ChunkOf(threadKey);
        var left = Use(connection, FindChunk, owner, member, chunk).First(row => KeySet.With(row.Bytes(0), threadKey, isIn: false));
        if (left is { Length: > 0 })
        {
            Use(connection, SetChunk, owner, member, chunk).Add(left).Execute();
        }
        else
        {
            Use(connection, DeleteChunk, owner, member, chunk).Execute();
        }
    }

    private static Statement Use(StoreConnection connection, string sql, string owner, MetadataMember member, long chunk) =>
        connection.Use(sql).Add(owner).Add(member.Name).Add(member.Value).Add(chunk);

    private static HashSet<MetadataMember> Read(string metadata)
    {
        if (metadata == "{}")
        {
            return [];
        }

        var listed = new HashSet<MetadataMember>();
        var whole = GraphJson.Parse(Encoding.UTF8.GetBytes(metadata));
        foreach (var property in whole.EnumerateObject())
        {
            // Of several members with one name, the last one counts, as in a search.
            if (MetadataMember.TryRead(property, out var member)
                && JsonElement.DeepEquals(whole.GetProperty(member.Name), property.Value))
            {
                listed.Add(member);
            }
        }

        return listed.Count > MembersMax ? [TooMany] : listed;
    }
}

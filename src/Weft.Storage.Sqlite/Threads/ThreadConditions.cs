using System.Text;
using System.Text.Json;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Storage.Sqlite;

/// <summary>The conditions of a search over threads: those that an index answers, and those that rows are read for.</summary>
internal sealed class ThreadConditions
{
    public const string FindStatus = """
        SELECT thread_key FROM threads WHERE owner = ?1 AND status IN ('interrupted', 'error') AND status = ?2
        """;

    // The sign keeps SQLite from walking over all threads of the owner.
    public const string FindIds =
        "SELECT thread_key FROM threads WHERE thread_id IN (SELECT value FROM json_each(?2)) AND +owner = ?1";

    private const string Find = "SELECT status, metadata FROM threads WHERE thread_key = ?1";

    // A key of the index costs so much less than a row.
    private const int KeysPerRow = 20;

    private readonly ThreadQuery _query;
    private readonly List<MetadataMember> _members = [];
    private readonly List<JsonElement> _parts = [];
    private readonly List<JsonElement> _all;
    private readonly MetadataFilter? _filter;
    private readonly bool _isOfStatus;

    /// <summary>Makes the conditions of a search: those of the query, and those of what the actor sees.</summary>
    public ThreadConditions(ThreadQuery query, Actor actor)
    {
        _query = query;
        var parts = actor.Scope?.Threads.Parts;
        _filter = parts is null ? actor.Scope?.Threads : null;
        _all = [.. PartsOf(query), .. parts ?? []];
        _isOfStatus = query.Status is ThreadStatus.Interrupted or ThreadStatus.Error;
        foreach (var part in _all)
        {
            var isListed = true;
            foreach (var property in part.EnumerateObject())
            {
                if (MetadataMember.TryRead(property, out var member))
                {
                    _members.Add(member);
                }
                else
                {
                    isListed = false;
                }
            }

            if (!isListed)
            {
                _parts.Add(part);
            }
        }
    }

    /// <summary>Whether rows have to be read to decide.</summary>
    public bool NeedsRows => _parts.Count > 0 || _filter is not null || (_query.Status is not null && !_isOfStatus);

    public static bool IsNone(ThreadQuery query, Actor actor) =>
        query is { Ids: null, Status: null, Metadata: null or "{}" } && actor.Scope?.Threads.IsAll is not false;

    /// <summary>Returns the threads that meet the conditions of the index; null if there are none.</summary>
    public KeySet? FindKeys(StoreConnection connection, string owner, ReadBudget budget)
    {
        KeySet? keys = null;
        if (_query.Ids is { } ids)
        {
            budget.Spend(ids.Count);
            keys = Read(connection.Use(FindIds).Add(owner).Add(IdsJson(ids)), budget);
        }

        if (_isOfStatus)
        {
            Intersect(ref keys, Read(connection.Use(FindStatus).Add(owner).Add(_query.Status!.Value.ToWire()), budget));
        }

        return _members.Count == 0 ? keys : FindMembers(connection, owner, keys, budget);
    }

    /// <summary>Whether a thread meets all conditions.</summary>
    public bool AreMet(StoreConnection connection, long key, ReadBudget budget)
    {
        budget.Spend();
        return connection.Use(Find).Add(key).First(
            row => (_query.Status is not { } status || ColumnEnums.ThreadStatus(row.Bytes(0)) == status)
                && Meets(row, _parts) && _filter?.Matches(GraphJson.Parse(row.Bytes(1))) is not false);
    }

    private static IEnumerable<JsonElement> PartsOf(ThreadQuery query)
    {
        if (query.Metadata is { } metadata)
        {
            yield return GraphJson.Parse(Encoding.UTF8.GetBytes(metadata));
        }
    }

    private static bool Meets(Statement row, IEnumerable<JsonElement> parts)
    {
        JsonElement? metadata = null;
        foreach (var part in parts)
        {
            if (!JsonContainment.Contains(metadata ??= GraphJson.Parse(row.Bytes(1)), part))
            {
                return false;
            }
        }

        return true;
    }

    private static void Intersect(ref KeySet? keys, KeySet others)
    {
        keys?.IntersectWith(others);
        keys ??= others;
    }

    private static KeySet Read(Statement statement, ReadBudget budget)
    {
        var keys = new KeySet();
        statement.ReadWhile(row =>
        {
            keys.Add(row.Integer(0));
            if (keys.Count % KeysPerRow == 0)
            {
                budget.Spend();
            }

            return true;
        });
        return keys;
    }

    private static string IdsJson(IReadOnlyList<ThreadId> ids) => Encoding.UTF8.GetString(GraphJson.Encode(ids, static (writer, ids) =>
    {
        writer.WriteStartArray();
        foreach (var id in ids)
        {
            writer.WriteStringValue(id.Value);
        }

        writer.WriteEndArray();
    }));

    private KeySet FindMembers(StoreConnection connection, string owner, KeySet? keys, ReadBudget budget)
    {
        var unlisted = ThreadMetadataRows.FindUnlisted(connection, owner);
        foreach (var member in _members)
        {
            var found = ThreadMetadataRows.Find(connection, owner, member);
            found.UnionWith(unlisted);
            Intersect(ref keys, found);
        }

        // The few threads that the index does not list by their members are read.
        foreach (var key in unlisted.Keys.Where(keys!.Contains).ToList())
        {
            budget.Spend();
            if (!connection.Use(Find).Add(key).First(row => Meets(row, _all)))
            {
                keys.Remove(key);
            }
        }

        return keys;
    }
}

using System.Text;
using System.Text.Json;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Storage.Sqlite;

/// <summary>
/// Searches threads. Without conditions, a page is read from an index and the total from a counter. With conditions,
/// all threads of the actor are read once, in order, and the same pass yields the page and the total.
/// </summary>
internal static class ThreadSearch
{
    private const string Count = "SELECT threads FROM thread_counts WHERE owner = ?1";
    private const string Page = $"SELECT {ThreadRows.Columns} FROM threads WHERE owner = ?1";
    private const string PageEnd = " LIMIT ?2 OFFSET ?3";
    private const string Find = $"SELECT {ThreadRows.Columns} FROM threads WHERE thread_key = ?1";

    private const string Candidates = """
        SELECT thread_key, metadata FROM threads
        WHERE owner = ?1 AND (?2 IS NULL OR status = ?2) AND (?3 IS NULL OR thread_id IN (SELECT value FROM json_each(?3)))
        """;

    // A constant text for each order, because a statement is prepared once for each constant.
    private const string ById = " ORDER BY thread_id";
    private const string ByIdDown = " ORDER BY thread_id DESC";
    private const string ByStatus = " ORDER BY status, thread_id";
    private const string ByStatusDown = " ORDER BY status DESC, thread_id DESC";
    private const string ByCreation = " ORDER BY created_at, thread_id";
    private const string ByCreationDown = " ORDER BY created_at DESC, thread_id DESC";
    private const string ByUpdate = " ORDER BY updated_at, thread_id";
    private const string ByUpdateDown = " ORDER BY updated_at DESC, thread_id DESC";
    private const string ByStateUpdate = " ORDER BY state_updated_at, thread_id";
    private const string ByStateUpdateDown = " ORDER BY state_updated_at DESC, thread_id DESC";

    public static Page<ThreadRecord> Search(StoreConnection connection, Actor actor, ThreadQuery query) =>
        query is { Ids: null, Status: null } && query.Metadata is null or "{}"
            ? SearchAll(connection, actor, query)
            : SearchSome(connection, actor, query);

    private static Page<ThreadRecord> SearchAll(StoreConnection connection, Actor actor, ThreadQuery query)
    {
        var total = (int)connection.Use(Count).Add(actor.Id).First(row => row.Integer(0));
        return new Page<ThreadRecord>(
            connection.Use(PageSql(query)).Add(actor.Id).Add(query.Limit).Add(query.Offset).List(ThreadRows.Read), total);
    }

    private static Page<ThreadRecord> SearchSome(StoreConnection connection, Actor actor, ThreadQuery query)
    {
        // The pass and the rows that it chooses are read from one snapshot.
        connection.BeginRead();
        try
        {
            var part = query.Metadata is null or "{}" ? (JsonElement?)null : GraphJson.Parse(Encoding.UTF8.GetBytes(query.Metadata));
            var total = 0;
            var keys = new List<long>();
            connection.Use(CandidatesSql(query)).Add(actor.Id).Add(query.Status?.ToWire()).Add(IdsJson(query.Ids)).ReadWhile(row =>
            {
                if (part is not { } given || JsonContainment.Contains(GraphJson.Parse(row.Bytes(1)), given))
                {
                    if (total >= query.Offset && keys.Count < query.Limit)
                    {
                        keys.Add(row.Integer(0));
                    }

                    total++;
                }

                return true;
            });
            return new Page<ThreadRecord>([.. keys.Select(key => connection.Use(Find).Add(key).First(ThreadRows.Read)!)], total);
        }
        finally
        {
            connection.TryRollback(out _);
        }
    }

    private static string? IdsJson(IReadOnlyList<ThreadId>? ids) =>
        ids is null ? null : Encoding.UTF8.GetString(GraphJson.Encode(ids, static (writer, ids) =>
        {
            writer.WriteStartArray();
            foreach (var id in ids)
            {
                writer.WriteStringValue(id.Value);
            }

            writer.WriteEndArray();
        }));

    private static string PageSql(ThreadQuery query) => (query.SortBy, query.Descending) switch
    {
        (ThreadSort.ThreadId, false) => Page + ById + PageEnd,
        (ThreadSort.ThreadId, true) => Page + ByIdDown + PageEnd,
        (ThreadSort.Status, false) => Page + ByStatus + PageEnd,
        (ThreadSort.Status, true) => Page + ByStatusDown + PageEnd,
        (ThreadSort.UpdatedAt, false) => Page + ByUpdate + PageEnd,
        (ThreadSort.UpdatedAt, true) => Page + ByUpdateDown + PageEnd,
        (ThreadSort.StateUpdatedAt, false) => Page + ByStateUpdate + PageEnd,
        (ThreadSort.StateUpdatedAt, true) => Page + ByStateUpdateDown + PageEnd,
        (_, false) => Page + ByCreation + PageEnd,
        (_, true) => Page + ByCreationDown + PageEnd,
    };

    private static string CandidatesSql(ThreadQuery query) => (query.SortBy, query.Descending) switch
    {
        (ThreadSort.ThreadId, false) => Candidates + ById,
        (ThreadSort.ThreadId, true) => Candidates + ByIdDown,
        (ThreadSort.Status, false) => Candidates + ByStatus,
        (ThreadSort.Status, true) => Candidates + ByStatusDown,
        (ThreadSort.UpdatedAt, false) => Candidates + ByUpdate,
        (ThreadSort.UpdatedAt, true) => Candidates + ByUpdateDown,
        (ThreadSort.StateUpdatedAt, false) => Candidates + ByStateUpdate,
        (ThreadSort.StateUpdatedAt, true) => Candidates + ByStateUpdateDown,
        (_, false) => Candidates + ByCreation,
        (_, true) => Candidates + ByCreationDown,
    };
}

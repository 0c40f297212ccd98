using Weft.Runs;

namespace Weft.Storage.Sqlite;

/// <summary>The statements of one order of threads.</summary>
internal sealed class ThreadOrder
{
    // A statement is prepared once for each text, which its reference identifies.
    private static readonly Dictionary<(ThreadSort SortBy, bool Descending), ThreadOrder> Orders = Enum.GetValues<ThreadSort>()
        .SelectMany(sort => new[] { (sort, true), (sort, false) })
        .ToDictionary(order => order, order => new ThreadOrder(order.sort, order.Item2 ? " DESC" : ""));

    private ThreadOrder(ThreadSort sort, string direction)
    {
        var order = sort == ThreadSort.ThreadId
            ? $"ORDER BY thread_id{direction}"
            : $"ORDER BY {ColumnOf(sort)}{direction}, thread_id{direction}";
        HasIndex = sort is ThreadSort.CreatedAt or ThreadSort.UpdatedAt;
        Page = $"SELECT {ThreadRows.Columns} FROM threads WHERE owner = ?1 {order} LIMIT ?2 OFFSET ?3";
        PageKeys = $"SELECT thread_key, thread_id FROM threads WHERE owner = ?1 {order} LIMIT ?2 OFFSET ?3";
        AllKeys = $"SELECT thread_key FROM threads WHERE owner = ?1 {order}";
        KeysBetween = $"SELECT thread_key FROM threads WHERE owner = ?1 AND +thread_key BETWEEN ?2 AND ?3 {order}";
        // The sign keeps SQLite from walking over all threads of the owner.
        SortKeys = $"""
            SELECT thread_key FROM threads WHERE thread_key IN (SELECT value FROM json_each(?2)) AND +owner = ?1
            {order} LIMIT ?3 OFFSET ?4
            """;
    }

    /// <summary>Whether an index has this order. Otherwise the threads of the owner are sorted.</summary>
    public bool HasIndex { get; }

    /// <summary>Reads a page of the owner's threads.</summary>
    public string Page { get; }

    /// <summary>Reads the keys and the ids of a page of the owner's threads.</summary>
    public string PageKeys { get; }

    /// <summary>Reads the keys of all of the owner's threads.</summary>
    public string AllKeys { get; }

    /// <summary>Reads those of the owner's keys that are in a range. SQLite skips the others much faster than it returns them.</summary>
    public string KeysBetween { get; }

    /// <summary>Sorts the keys in a JSON array, and reads a page of them.</summary>
    public string SortKeys { get; }

    public static ThreadOrder Of(ThreadQuery query) => Orders[(query.SortBy, query.Descending)];

    private static string ColumnOf(ThreadSort sort) => sort switch
    {
        ThreadSort.Status => "status",
        ThreadSort.UpdatedAt => "updated_at",
        ThreadSort.StateUpdatedAt => "state_updated_at",
        _ => "created_at",
    };
}

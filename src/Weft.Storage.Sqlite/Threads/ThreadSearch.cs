using Weft.Runs;

namespace Weft.Storage.Sqlite;

/// <summary>
/// Searches threads. Without conditions, a page is read from an index and the total from a counter. Conditions on members of
/// metadata, on ids and on some statuses give a set of keys, whose size is the total; only the rows of the page are read. Other
/// conditions are decided by reading rows, in order, and the same pass yields the page and the total.
/// </summary>
internal static class ThreadSearch
{
    private const string Count = "SELECT threads FROM thread_counts WHERE owner = ?1";
    private const string Find = $"SELECT {ThreadRows.Columns} FROM threads WHERE thread_key = ?1";
    private const string FindId = "SELECT thread_id FROM threads WHERE thread_key = ?1";

    // A step on an index costs so much less than finding a row by its key.
    private const int StepsPerRow = 10;

    // So much less costs a key that SQLite does not return.
    private const int SkipsPerRow = 1_000;

    public static PageRows<ThreadRecord> Search(StoreConnection connection, Actor actor, ThreadQuery query, ReadBudget budget)
    {
        if (actor.Scope is { Threads.Alternatives.Count: 0 })
        {
            return new PageRows<ThreadRecord>(RowSizes.Of);
        }

        // All rows are read from one snapshot.
        connection.BeginRead();
        try
        {
            var total = (int)connection.Use(Count).Add(actor.Id).First(row => row.Integer(0));
            return ThreadConditions.IsNone(query, actor)
                ? SearchAll(connection, actor, query, total, budget)
                : SearchSome(connection, actor, query, total, budget);
        }
        finally
        {
            connection.TryRollback(out _);
        }
    }

    /// <summary>Finds a thread of a page that is read later. Returns null if it does not match any more.</summary>
    public static ThreadRecord? FindLater(StoreConnection connection, Actor actor, ThreadQuery query, RowKey key) =>
        connection.Use(Find).Add(key.Key).First(ThreadRows.Read) is { } thread
        && thread.ThreadId.Value == key.Id && LaterThreads.Matches(thread, actor, query)
            ? thread
            : null;

    private static PageRows<ThreadRecord> SearchAll(
        StoreConnection connection, Actor actor, ThreadQuery query, int total, ReadBudget budget)
    {
        var order = ThreadOrder.Of(query);
        budget.Spend(query.Limit == 0 ? 0 : order.HasIndex ? query.Offset / StepsPerRow / StepsPerRow : total);
        var page = new PageRows<ThreadRecord>(RowSizes.Of).WithTotal(total);
        Statement Use(string sql) => connection.Use(sql).Add(actor.Id).Add(query.Limit - page.Count).Add(query.Offset + page.Count);

        if (order.HasIndex)
        {
            page.Add(Use(order.Page), ThreadRows.Read, () => Use(order.PageKeys));
        }
        else
        {
            // The rows of all threads would be sorted with their metadata.
            Use(order.PageKeys).List(row => row.Integer(0)).ForEach(key => page.Add(connection, Find, key, ThreadRows.Read, FindId));
        }

        return page;
    }

    private static PageRows<ThreadRecord> SearchSome(
        StoreConnection connection, Actor actor, ThreadQuery query, int ofActor, ReadBudget budget)
    {
        var conditions = new ThreadConditions(query, actor);
        var keys = conditions.FindKeys(connection, actor.Id, budget);
        if (conditions.NeedsRows)
        {
            return Examine(connection, query, conditions, KeysInOrder(connection, actor, query, keys, ofActor, budget), budget);
        }

        return Read(connection, PageOf(connection, actor, query, keys!, ofActor, budget), keys!.Count);
    }

    /// <summary>Returns the page of a set of keys.</summary>
    private static List<long> PageOf(
        StoreConnection connection, Actor actor, ThreadQuery query, KeySet keys, int ofActor, ReadBudget budget)
    {
        var end = Math.Min((long)query.Offset + query.Limit, keys.Count);
        if (query.Limit == 0 || end <= query.Offset)
        {
            return [];
        }

        // If the keys are spread evenly, so many steps on the index find the page.
        var steps = end * ofActor / keys.Count;
        return ThreadOrder.Of(query).HasIndex && steps < (long)keys.Count * StepsPerRow
            && TryWalk(connection, actor, query, keys, ofActor, end, budget) is { } page
            ? page
            : Sort(connection, actor, query, keys, query.Limit, query.Offset, budget);
    }

    /// <summary>Finds the page on the index of the order. Returns null if that costs more than to sort the keys.</summary>
    private static List<long>? TryWalk(
        StoreConnection connection, Actor actor, ThreadQuery query, KeySet keys, int ofActor, long end, ReadBudget budget)
    {
        var page = new List<long>();
        var (steps, passed) = (0L, 0L);
        var (first, last) = keys.Range;
        budget.Spend(ofActor / SkipsPerRow);
        connection.Use(ThreadOrder.Of(query).KeysBetween).Add(actor.Id).Add(first).Add(last).ReadWhile(row =>
        {
            if (++steps % StepsPerRow == 0)
            {
                budget.Spend();
            }

            if (keys.Contains(row.Integer(0)) && passed++ >= query.Offset)
            {
                page.Add(row.Integer(0));
            }

            return passed < end && steps < (long)keys.Count * StepsPerRow;
        });
        return passed == end ? page : null;
    }

    private static List<long> Sort(
        StoreConnection connection, Actor actor, ThreadQuery query, KeySet keys, int limit, int offset, ReadBudget budget)
    {
        budget.Spend(keys.Count);
        return connection.Use(ThreadOrder.Of(query).SortKeys)
            .Add(actor.Id).Add($"[{string.Join(',', keys.Keys)}]").Add(limit).Add(offset)
            .List(row => row.Integer(0));
    }

    /// <summary>Returns the keys to examine: those of the set, or else those of all threads of the actor.</summary>
    private static List<long> KeysInOrder(
        StoreConnection connection, Actor actor, ThreadQuery query, KeySet? keys, int ofActor, ReadBudget budget)
    {
        if (keys is not null)
        {
            return Sort(connection, actor, query, keys, limit: -1, offset: 0, budget);
        }

        budget.Spend(ofActor);
        return connection.Use(ThreadOrder.Of(query).AllKeys).Add(actor.Id).List(row => row.Integer(0));
    }

    private static PageRows<ThreadRecord> Examine(
        StoreConnection connection, ThreadQuery query, ThreadConditions conditions, List<long> keys, ReadBudget budget)
    {
        var page = new List<long>();
        var total = 0;
        foreach (var key in keys)
        {
            if (conditions.AreMet(connection, key, budget) && total++ >= query.Offset && page.Count < query.Limit)
            {
                page.Add(key);
            }
        }

        return Read(connection, page, total);
    }

    private static PageRows<ThreadRecord> Read(StoreConnection connection, List<long> keys, int total)
    {
        var page = new PageRows<ThreadRecord>(RowSizes.Of).WithTotal(total);
        keys.ForEach(key => page.Add(connection, Find, key, ThreadRows.Read, FindId));
        return page;
    }
}

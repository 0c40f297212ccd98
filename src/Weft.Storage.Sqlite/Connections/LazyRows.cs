using Weft.Runs;

namespace Weft.Storage.Sqlite;

/// <summary>Reads the rows of pages in batches.</summary>
internal static class LazyRows
{
    /// <summary>Returns a page with rows that were read and rows that are read later.</summary>
    /// <param name="database">The database.</param>
    /// <param name="found">What the search found.</param>
    /// <param name="find">
    /// Finds a row by its key; null if it is missing or not seen any more. SQLite may give the key of a removed row to another one, so
    /// it checks whose row it is.
    /// </param>
    public static LazyPage<T> Of<T>(SqliteDatabase database, PageRows<T> found, Func<StoreConnection, RowKey, T?> find)
        where T : class => found.Keys.Count == 0
        ? new LazyPage<T>(found.Rows, found.Total)
        : new LazyPage<T>(
            found.Rows,
            found.Keys.Count,
            (at, cancellationToken) => database.ReadAsync(connection => Read(connection, found, at, find), cancellationToken),
            found.Total);

    /// <summary>Reads the rows that a batch has, from a place among the keys.</summary>
    public static LazyBatch<T> Read<T>(StoreConnection connection, PageRows<T> found, int first, Func<StoreConnection, RowKey, T?> find)
        where T : class
    {
        var batch = found.Next();
        var at = first;
        for (; at < found.Keys.Count && !batch.IsFull; at++)
        {
            if (find(connection, found.Keys[at]) is { } row)
            {
                batch.Add(row);
            }
        }

        return new LazyBatch<T>(batch.Rows, at - first);
    }

    /// <summary>Adds the row of a key, or only the key if the page is full.</summary>
    /// <param name="page">The page.</param>
    /// <param name="connection">The connection.</param>
    /// <param name="find">Finds the row by its key.</param>
    /// <param name="key">The key.</param>
    /// <param name="read">Reads the row.</param>
    /// <param name="findId">Finds the id as text by the key; null if another row with this key may take its place.</param>
    public static void Add<T>(
        this PageRows<T> page, StoreConnection connection, string find, long key, Func<Statement, T> read, string? findId = null)
        where T : class
    {
        if (page.IsFull)
        {
            page.AddKey(key, id: findId is null ? null : connection.Use(findId).Add(key).First(static row => row.Text(0)));
        }
        else if (connection.Use(find).Add(key).First(read) is { } row)
        {
            page.Add(row);
        }
    }

    /// <summary>Adds the rows of a statement, and the keys of those that follow when the page is full.</summary>
    /// <param name="page">The page.</param>
    /// <param name="rows">The statement.</param>
    /// <param name="read">Reads a row.</param>
    /// <param name="keys">
    /// Returns the keys and the ids of the rows that follow. It is called before the statement ends, so in its snapshot.
    /// </param>
    public static void Add<T>(this PageRows<T> page, Statement rows, Func<Statement, T> read, Func<Statement> keys) =>
        rows.ReadWhile(row =>
        {
            page.Add(read(row));
            if (page.IsFull)
            {
                keys().ReadWhile(key =>
                {
                    page.AddKey(key.Integer(0), id: key.Text(1));
                    return true;
                });
            }

            return !page.IsFull;
        });
}

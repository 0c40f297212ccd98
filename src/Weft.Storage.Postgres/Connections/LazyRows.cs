using Weft.Runs;

namespace Weft.Storage.Postgres;

/// <summary>Reads the rows of pages in batches.</summary>
internal static class LazyRows
{
    private const int RowsAtOnceMax = 500;

    /// <summary>
    /// Adds the rows of a statement. Of those that follow when the page is full, only the keys: they are received, but not kept.
    /// </summary>
    /// <param name="page">The page.</param>
    /// <param name="rows">The statement.</param>
    /// <param name="read">Reads a row.</param>
    /// <param name="keyColumn">The column of the key.</param>
    public static async Task<PageRows<T>> AddAsync<T>(this PageRows<T> page, Statement rows, Func<Row, T> read, int keyColumn)
    {
        await rows.ReadWhileAsync(row =>
        {
            page.Add(row, read, keyColumn);
            return true;
        });
        return page;
    }

    /// <summary>
    /// Reads the rows of the first keys of a page, of which a search has found only keys, until it is full. The parameters are those of
    /// <see cref="Of"/>.
    /// </summary>
    public static async Task<PageRows<T>> WithFirstRowsAsync<T>(
        this PageRows<T> page,
        Session session,
        string list,
        int placeColumn,
        Func<Row, T> read,
        Func<Statement, Statement>? addValues = null)
        where T : class
    {
        while (page.Keys.Count > 0 && !page.IsFull)
        {
            var (batch, places) = await ReadAsync(session, page, 0, RowsAtOnceMax, list, placeColumn, (row, _) => read(row), addValues);
            page.AddFirst(batch, places);
        }

        return page;
    }

    /// <summary>Adds a row, or only its key if the page is full.</summary>
    public static void Add<T>(this PageRows<T> page, Row row, Func<Row, T> read, int keyColumn)
    {
        if (page.IsFull)
        {
            page.AddKey(row.Integer(keyColumn));
        }
        else
        {
            page.Add(read(row));
        }
    }

    /// <summary>Returns a page with rows that were read and rows that are read later.</summary>
    /// <param name="database">The database.</param>
    /// <param name="found">What the search found.</param>
    /// <param name="list">
    /// Lists rows by an array of keys, which is its parameter, in this order. A column has the place of the row in the array, from 1.
    /// </param>
    /// <param name="placeColumn">That column.</param>
    /// <param name="read">Reads a row; null if it is not seen any more.</param>
    /// <param name="addValues">Adds the values of further parameters.</param>
    public static LazyPage<T> Of<T>(
        PostgresDatabase database,
        PageRows<T> found,
        string list,
        int placeColumn,
        Func<Row, T?> read,
        Func<Statement, Statement>? addValues = null)
        where T : class
    {
        if (found.Keys.Count == 0)
        {
            return new LazyPage<T>(found.Rows, found.Total);
        }

        var rowsAtOnce = RowsOf(found);
        return new LazyPage<T>(
            found.Rows,
            found.Keys.Count,
            async (at, cancellationToken) =>
            {
                var (rows, places) = await ReadAsync(
                    database, found, at, rowsAtOnce, list, placeColumn, (row, _) => read(row), cancellationToken, addValues);
                rowsAtOnce = RowsOf(rows);
                return new LazyBatch<T>(rows.Rows, places);
            },
            found.Total);
    }

    /// <summary>Reads the rows that a batch has, from a place among the keys.</summary>
    public static Task<(PageRows<T> Rows, int Places)> ReadAsync<T>(
        PostgresDatabase database,
        PageRows<T> found,
        int first,
        int rowsAtOnce,
        string list,
        int placeColumn,
        Func<Row, RowKey, T?> read,
        CancellationToken cancellationToken,
        Func<Statement, Statement>? addValues = null)
        where T : class => database.ReadAsync(
        session => ReadAsync(session, found, first, rowsAtOnce, list, placeColumn, read, addValues), cancellationToken);

    private static async Task<(PageRows<T> Rows, int Places)> ReadAsync<T>(
        Session session,
        PageRows<T> found,
        int first,
        int rowsAtOnce,
        string list,
        int placeColumn,
        Func<Row, RowKey, T?> read,
        Func<Statement, Statement>? addValues = null)
        where T : class
    {
        var keys = found.Keys.GetRange(first, CountOf<T>(found.Keys, first, rowsAtOnce));
        var batch = found.Next();
        var places = keys.Count;
        var statement = session.Use(list).Add(keys.ConvertAll(static key => key.Key).ToArray());
        await (addValues?.Invoke(statement) ?? statement).ReadWhileAsync(row =>
        {
            var place = (int)row.Integer(placeColumn);
            if (read(row, keys[place - 1]) is { } seen)
            {
                batch.Add(seen);
            }

            places = batch.IsFull ? place : places;
            return !batch.IsFull;
        });
        return (batch, places);
    }

    /// <summary>Returns how many rows to ask for: as many as fill a batch if their sizes are known.</summary>
    private static int CountOf<T>(List<RowKey> keys, int first, int rowsAtOnce)
    {
        var countMax = Math.Min(rowsAtOnce, keys.Count - first);
        var (count, bytes) = (0, 0L);
        while (count < countMax && bytes < LazyPage<T>.BytesAtOnce)
        {
            bytes += keys[first + count++].Bytes ?? 0;
        }

        return count;
    }

    /// <summary>The number of rows to read at once if they have as many bytes as those that were read before.</summary>
    public static int RowsOf<T>(PageRows<T> before) =>
        Math.Clamp(LazyPage<T>.BytesAtOnce / Math.Max(1, before.BytesPerRow), 1, RowsAtOnceMax);
}

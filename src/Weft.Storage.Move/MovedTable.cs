namespace Weft.Storage.Move;

/// <summary>A table in PostgreSQL, and the rows of the SQLite file that it gets.</summary>
internal sealed class MovedTable
{
    /// <param name="name">The table in PostgreSQL.</param>
    /// <param name="source">The table in the SQLite file.</param>
    /// <param name="key">The number of columns that order the rows in the file. They are the first columns.</param>
    /// <param name="columns">The columns.</param>
    /// <param name="order">The columns that order the rows in PostgreSQL, in the same way; null if they are the same.</param>
    public MovedTable(string name, string source, int key, MovedColumn[] columns, string[]? order = null)
    {
        Name = name;
        Columns = columns;
        Stored = [.. Enumerable.Range(0, columns.Length).Where(i => !columns[i].IsRead)];
        KeyLength = key;
        Order = order is null
            ? [.. Enumerable.Range(0, key)]
            : [.. order.Select(column => Array.FindIndex(columns, other => other.Name == column))];
        var expressions = string.Join(", ", columns.Select(column => column.Expression).OfType<string>());
        var keys = string.Join(", ", columns.Take(key).Select(column => column.Expression));
        var parameters = string.Join(", ", Enumerable.Range(1, key).Select(i => $"?{i}"));
        First = $"SELECT {expressions} FROM {source} ORDER BY {keys} LIMIT ?1";
        Next = $"SELECT {expressions} FROM {source} WHERE ({keys}) > ({parameters}) ORDER BY {keys} LIMIT ?{key + 1}";
        Count = $"SELECT count(*) FROM {source}";
    }

    public string Name { get; }

    public IReadOnlyList<MovedColumn> Columns { get; }

    /// <summary>The places of the columns that PostgreSQL has.</summary>
    public IReadOnlyList<int> Stored { get; }

    /// <summary>The number of columns that order the rows in the file.</summary>
    public int KeyLength { get; }

    /// <summary>The places of the columns that order the rows in PostgreSQL.</summary>
    public IReadOnlyList<int> Order { get; }

    /// <summary>Reads the first rows from the SQLite file.</summary>
    public string First { get; }

    /// <summary>Reads the rows after a key from the SQLite file.</summary>
    public string Next { get; }

    /// <summary>Counts the rows in the SQLite file.</summary>
    public string Count { get; }
}

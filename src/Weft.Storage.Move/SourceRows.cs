using Weft.Storage.Postgres;
using Weft.Storage.Sqlite;
using Statement = Weft.Storage.Sqlite.Statement;

namespace Weft.Storage.Move;

/// <summary>Reads rows of the SQLite file in order.</summary>
internal static class SourceRows
{
    private const int RowsMax = 2_000;
    private const long BytesMax = 8_000_000;

    /// <summary>Returns the rows after one, as many as are moved together; the first ones if it is null.</summary>
    public static Task<List<object?[]>> ReadAsync(
        SqliteDatabase source, MovedTable table, object?[]? after, CancellationToken cancellationToken) => source.ReadAsync(
        connection =>
        {
            var statement = connection.Use(after is null ? table.First : table.Next);
            for (var i = 0; after is not null && i < table.KeyLength; i++)
            {
                statement = Add(statement, after[i]!);
            }

            var rows = new List<object?[]>();
            var bytes = 0L;
            statement.Add(RowsMax).ReadWhile(row =>
            {
                rows.Add(Read(row, table, ref bytes));
                return bytes < BytesMax;
            });
            return rows;
        },
        cancellationToken);

    /// <summary>Returns the number of rows of a table.</summary>
    public static Task<long> CountAsync(SqliteDatabase source, MovedTable table, CancellationToken cancellationToken) =>
        source.ReadAsync(connection => connection.Use(table.Count).First(static row => row.Integer(0)), cancellationToken);

    private static Statement Add(Statement statement, object value) => value switch
    {
        long number => statement.Add(number),
        int number => statement.Add(number),
        Guid id => statement.Add(id),
        _ => statement.Add((string)value),
    };

    private static object?[] Read(Statement row, MovedTable table, ref long bytes)
    {
        var values = new object?[table.Columns.Count];
        var read = 0;
        for (var i = 0; i < values.Length; i++)
        {
            var column = table.Columns[i];
            values[i] = column.Compute is { } compute ? compute(values) : Read(row, read++, column.Type);
            bytes += values[i] switch
            {
                byte[] content => content.Length,
                string text => text.Length,
                _ => sizeof(long),
            };
        }

        return values;
    }

    private static object? Read(Statement row, int column, MovedType type) => row.IsNull(column)
        ? null
        : type switch
        {
            MovedType.Long => row.Integer(column),
            MovedType.Int => checked((int)row.Integer(column)),
            MovedType.Uuid => row.Guid(column),
            MovedType.Bytes => row.Bytes(column).ToArray(),
            MovedType.Flag => row.Integer(column) != 0,
            MovedType.Real => row.Real(column),
            _ => StorableText.Of(row.Text(column)),
        };
}

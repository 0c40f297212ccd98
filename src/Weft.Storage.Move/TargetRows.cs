using Npgsql;
using NpgsqlTypes;
using Weft.Storage.Postgres;

namespace Weft.Storage.Move;

/// <summary>Writes rows to PostgreSQL, and reads them again.</summary>
internal sealed class TargetRows(NpgsqlConnection connection, SchemaTexts texts)
{
    /// <summary>Adds rows.</summary>
    public async Task AddAsync(MovedTable table, IReadOnlyList<object?[]> rows, CancellationToken cancellationToken)
    {
        var columns = table.Stored.Select(i => table.Columns[i]).ToList();
        var names = string.Join(", ", columns.Select(column => column.Name));
        var values = string.Join(", ", columns.Select(column => column.Type == MovedType.Json ? $"{column.Name}::jsonb" : column.Name));
        var arrays = string.Join(", ", columns.Select((column, i) => $"${i + 1}::{NameOf(column.Type)}[]"));
        await using var command = Command(
            $"INSERT INTO weft.{table.Name} ({names}) OVERRIDING SYSTEM VALUE SELECT {values} FROM unnest({arrays}) AS given ({names})");
        foreach (var i in table.Stored)
        {
            command.Parameters.Add(ArrayOf(table.Columns[i].Type, rows, i));
        }

        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>
    /// Returns the first row that is not stored as it was given; null if all are. They must follow each other in the table.
    /// </summary>
    /// <param name="table">The table.</param>
    /// <param name="after">The row before them; null if they are the first ones.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<object?[]?> FindDifferentAsync(
        MovedTable table, object?[]? after, IReadOnlyList<object?[]> rows, CancellationToken cancellationToken)
    {
        var names = string.Join(", ", table.Stored.Select(i => table.Columns[i].Name));
        var order = string.Join(", ", table.Order.Select(i => table.Columns[i].Name));
        var parameters = string.Join(", ", table.Order.Select((_, i) => $"${i + 1}"));
        var where = after is null ? "" : $"WHERE ({order}) > ({parameters}) ";
        await using var command = Command($"SELECT {names} FROM weft.{table.Name} {where}ORDER BY {order} LIMIT {rows.Count}");
        for (var i = 0; after is not null && i < table.Order.Count; i++)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = after[table.Order[i]] });
        }

        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        foreach (var row in rows)
        {
            if (!await reader.ReadAsync(cancellationToken) || !IsSame(table, row, reader))
            {
                return row;
            }
        }

        return null;
    }

    /// <summary>Returns the number of rows of a table.</summary>
    public async Task<long> CountAsync(MovedTable table, CancellationToken cancellationToken)
    {
        await using var command = Command($"SELECT count(*) FROM weft.{table.Name}");
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>Runs a statement without parameters.</summary>
    public async Task ExecuteAsync(string sql, CancellationToken cancellationToken)
    {
        await using var command = Command(sql);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private NpgsqlCommand Command(string sql) => new(texts.OfScript(sql), connection) { CommandTimeout = 0 };

    private static bool IsSame(MovedTable table, object?[] row, NpgsqlDataReader reader)
    {
        for (var at = 0; at < table.Stored.Count; at++)
        {
            var (value, type) = (row[table.Stored[at]], table.Columns[table.Stored[at]].Type);
            var isSame = reader.IsDBNull(at)
                ? value is null
                : type switch
                {
                    MovedType.Long => value is long given && reader.GetInt64(at) == given,
                    MovedType.Int => value is int given && reader.GetInt32(at) == given,
                    MovedType.Uuid => value is Guid given && reader.GetGuid(at) == given,
                    MovedType.Bytes => value is byte[] given && reader.GetFieldValue<byte[]>(at).AsSpan().SequenceEqual(given),
                    MovedType.Flag => value is bool given && reader.GetBoolean(at) == given,
                    MovedType.Real => value is double given && reader.GetDouble(at).Equals(given),
                    MovedType.Text => value is string given && reader.GetString(at) == given,
                    _ => value is not null,
                };
            if (!isSame)
            {
                return false;
            }
        }

        return true;
    }

    private static string NameOf(MovedType type) => type switch
    {
        MovedType.Long => "bigint",
        MovedType.Int => "integer",
        MovedType.Uuid => "uuid",
        MovedType.Bytes => "bytea",
        MovedType.Flag => "boolean",
        MovedType.Real => "double precision",
        _ => "text",
    };

    private static NpgsqlParameter ArrayOf(MovedType type, IReadOnlyList<object?[]> rows, int column) => type switch
    {
        MovedType.Long => Array<long?>(NpgsqlDbType.Bigint, rows, column),
        MovedType.Int => Array<int?>(NpgsqlDbType.Integer, rows, column),
        MovedType.Uuid => Array<Guid?>(NpgsqlDbType.Uuid, rows, column),
        MovedType.Bytes => Array<byte[]?>(NpgsqlDbType.Bytea, rows, column),
        MovedType.Flag => Array<bool?>(NpgsqlDbType.Boolean, rows, column),
        MovedType.Real => Array<double?>(NpgsqlDbType.Double, rows, column),
        _ => Array<string?>(NpgsqlDbType.Text, rows, column),
    };

    private static NpgsqlParameter<T[]> Array<T>(NpgsqlDbType type, IReadOnlyList<object?[]> rows, int column)
    {
        var values = new T[rows.Count];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = (T)rows[i][column]!;
        }

        return new NpgsqlParameter<T[]> { TypedValue = values, NpgsqlDbType = NpgsqlDbType.Array | type };
    }
}

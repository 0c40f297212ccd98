using Npgsql;
using NpgsqlTypes;

namespace Weft.Storage.Postgres;

/// <summary>A statement. Values are added in the order of its parameters, then the statement is run, once.</summary>
/// <param name="session">The session that runs it.</param>
/// <param name="command">The text and the parameters.</param>
internal sealed class Statement(Session session, NpgsqlBatchCommand command)
{
    /// <summary>The text and the parameters, for a batch.</summary>
    public NpgsqlBatchCommand Command => command;

    public Statement Add(long value) => AddValue(value, NpgsqlDbType.Bigint);

    public Statement Add(long? value) => value is { } given ? Add(given) : AddNull(NpgsqlDbType.Bigint);

    public Statement Add(int value) => AddValue(value, NpgsqlDbType.Integer);

    public Statement Add(int? value) => value is { } given ? Add(given) : AddNull(NpgsqlDbType.Integer);

    public Statement Add(double value) => AddValue(value, NpgsqlDbType.Double);

    public Statement Add(double? value) => value is { } given ? Add(given) : AddNull(NpgsqlDbType.Double);

    public Statement Add(bool value) => AddValue(value, NpgsqlDbType.Boolean);

    public Statement Add(DateTimeOffset value) => Add(UnixMicroseconds.From(value));

    public Statement Add(DateTimeOffset? value) => value is { } given ? Add(given) : AddNull(NpgsqlDbType.Bigint);

    public Statement Add(Guid value) => AddValue(value, NpgsqlDbType.Uuid);

    public Statement Add(Guid? value) => value is { } given ? Add(given) : AddNull(NpgsqlDbType.Uuid);

    /// <summary>Adds the key of this server in its cluster; null if it is alone.</summary>
    public Statement AddServer() => Add(session.Server);

    /// <summary>Adds whether the transaction may find what it stored before (<see cref="Session.IsRepetition"/>).</summary>
    public Statement AddIsRepetition() => Add(session.IsRepetition);

    /// <summary>Adds a text, with replacements for characters that PostgreSQL can't store (see <see cref="StorableText"/>).</summary>
    public Statement Add(string? value) =>
        value is { } given ? AddValue(StorableText.Of(given), NpgsqlDbType.Text) : AddNull(NpgsqlDbType.Text);

    public Statement Add(ReadOnlyMemory<byte> value) => AddValue(value, NpgsqlDbType.Bytea);

    public Statement Add(ReadOnlyMemory<byte>? value) => value is { } given ? Add(given) : AddNull(NpgsqlDbType.Bytea);

    public Statement Add(byte[] value) => AddValue(value, NpgsqlDbType.Bytea);

    public Statement Add(long[] values) => AddValue(values, NpgsqlDbType.Array | NpgsqlDbType.Bigint);

    public Statement Add(long?[] values) => AddValue(values, NpgsqlDbType.Array | NpgsqlDbType.Bigint);

    public Statement Add(int[] values) => AddValue(values, NpgsqlDbType.Array | NpgsqlDbType.Integer);

    public Statement Add(int?[] values) => AddValue(values, NpgsqlDbType.Array | NpgsqlDbType.Integer);

    public Statement Add(bool[] values) => AddValue(values, NpgsqlDbType.Array | NpgsqlDbType.Boolean);

    public Statement Add(Guid[] values) => AddValue(values, NpgsqlDbType.Array | NpgsqlDbType.Uuid);

    public Statement Add(Guid?[] values) => AddValue(values, NpgsqlDbType.Array | NpgsqlDbType.Uuid);

    public Statement Add(float[] values) => AddValue(values, NpgsqlDbType.Array | NpgsqlDbType.Real);

    public Statement Add(byte[]?[] values) => AddValue(values, NpgsqlDbType.Array | NpgsqlDbType.Bytea);

    public Statement Add(ReadOnlyMemory<byte>[] values) => AddValue(values, NpgsqlDbType.Array | NpgsqlDbType.Bytea);

    /// <summary>Adds texts, as <see cref="Add(string?)"/> does.</summary>
    public Statement Add(string?[] values)
    {
        var stored = values;
        for (var i = 0; i < values.Length; i++)
        {
            if (values[i] is { } value && StorableText.Of(value) is var text && !ReferenceEquals(text, value))
            {
                stored = ReferenceEquals(stored, values) ? [.. values] : stored;
                stored[i] = text;
            }
        }

        return AddValue(stored, NpgsqlDbType.Array | NpgsqlDbType.Text);
    }

    /// <summary>Runs the statement. Returns the number of rows that it added, changed or removed; those of CTEs are not counted.</summary>
    public async Task<int> ExecuteAsync()
    {
        await using var batch = session.Batch([command]);
        await batch.ExecuteNonQueryAsync(session.CancellationToken);
        return (int)command.Rows;
    }

    /// <summary>Runs a statement that may take minutes.</summary>
    public async Task ExecuteLongAsync()
    {
        await using var batch = session.Batch([command]);
        batch.Timeout = 0;
        await batch.ExecuteNonQueryAsync(session.CancellationToken);
    }

    /// <summary>Returns the first row, or <see langword="default"/> if no row is found.</summary>
    public async Task<T?> FirstAsync<T>(Func<Row, T> map)
    {
        await using var batch = session.Batch([command]);
        await using var reader = await batch.ExecuteReaderAsync(session.CancellationToken);
        return await reader.ReadAsync(session.CancellationToken) ? map(new Row(reader)) : default;
    }

    /// <summary>Returns all rows.</summary>
    public async Task<List<T>> ListAsync<T>(Func<Row, T> map)
    {
        var rows = new List<T>();
        await ReadWhileAsync(row =>
        {
            rows.Add(map(row));
            return true;
        });
        return rows;
    }

    /// <summary>
    /// Reads rows until none is left or <paramref name="read"/> returns false. The rows that are left are received nevertheless, so a
    /// statement that may have many more has a limit.
    /// </summary>
    public async Task ReadWhileAsync(Func<Row, bool> read)
    {
        await using var batch = session.Batch([command]);
        await using var reader = await batch.ExecuteReaderAsync(session.CancellationToken);
        while (await reader.ReadAsync(session.CancellationToken) && read(new Row(reader)))
        {
        }
    }

    private Statement AddValue<T>(T value, NpgsqlDbType type)
    {
        command.Parameters.Add(new NpgsqlParameter<T> { TypedValue = value, NpgsqlDbType = type });
        return this;
    }

    private Statement AddNull(NpgsqlDbType type)
    {
        command.Parameters.Add(new NpgsqlParameter { Value = DBNull.Value, NpgsqlDbType = type });
        return this;
    }
}

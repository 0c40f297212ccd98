using System.Buffers;
using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Weft.Storage.Sqlite;

/// <summary>A prepared statement. Values are added in the order of its parameters, then the statement is run.</summary>
/// <remarks>
/// It calls SQLite's functions, not ADO.NET's commands, because those look up each parameter by name at each execution.
/// </remarks>
internal sealed class Statement : IDisposable
{
    private const int StackBytesMax = 512;

    // SQLITE_STMTSTATUS_REPREPARE, which the library has no name for.
    private const int RepreparationStatus = 5;

    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;
    private int _added;

    public Statement(sqlite3 database, string sql)
    {
        _database = database;
        SqliteException.ThrowExceptionForRC(raw.sqlite3_prepare_v3(database, sql, raw.SQLITE_PREPARE_PERSISTENT, out _statement), database);
    }

    /// <summary>How often SQLite has prepared it again by itself.</summary>
    public int Repreparations => raw.sqlite3_stmt_status(_statement, RepreparationStatus, resetFlg: 0);

    /// <summary>Prepares for the first parameter of another execution.</summary>
    public Statement Ready()
    {
        _added = 0;
        return this;
    }

    public Statement Add(long value) => Added(raw.sqlite3_bind_int64(_statement, ++_added, value));

    public Statement Add(long? value) => value is { } given ? Add(given) : AddNull();

    public Statement Add(double? value) =>
        value is { } given ? Added(raw.sqlite3_bind_double(_statement, ++_added, given)) : AddNull();

    public Statement Add(bool value) => Add(value ? 1L : 0L);

    public Statement Add(DateTimeOffset value) => Add(UnixMicroseconds.From(value));

    public Statement Add(DateTimeOffset? value) => value is { } given ? Add(given) : AddNull();

    public Statement Add(Guid value)
    {
        Span<byte> bytes = stackalloc byte[16];
        value.TryWriteBytes(bytes, bigEndian: true, out _);
        return Added(raw.sqlite3_bind_blob(_statement, ++_added, bytes));
    }

    public Statement Add(Guid? value) => value is { } given ? Add(given) : AddNull();

    public Statement Add(string? value)
    {
        if (string.IsNullOrEmpty(value))
        {
            return value is null ? AddNull() : Added(raw.sqlite3_bind_text(_statement, ++_added, value));
        }

        var bytesMax = Encoding.UTF8.GetMaxByteCount(value.Length);
        var rented = bytesMax > StackBytesMax ? ArrayPool<byte>.Shared.Rent(bytesMax) : null;
        Span<byte> buffer = rented is null ? stackalloc byte[StackBytesMax] : rented;
        var bytes = Encoding.UTF8.GetBytes(value, buffer);
        var result = raw.sqlite3_bind_text(_statement, ++_added, buffer[..bytes]);
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }

        return Added(result);
    }

    public Statement Add(ReadOnlyMemory<byte>? value) => value is { } given ? Add(given) : AddNull();

    public Statement Add(ReadOnlyMemory<byte> value) => Added(value.IsEmpty
        ? raw.sqlite3_bind_zeroblob(_statement, ++_added, 0)
        : raw.sqlite3_bind_blob(_statement, ++_added, value.Span));

    /// <summary>
    /// Runs the statement to its end. Returns the number of changed rows, without those that triggers changed.
    /// </summary>
    public int Execute()
    {
        try
        {
            while (Step())
            {
            }

            return raw.sqlite3_changes(_database);
        }
        finally
        {
            Reset();
        }
    }

    /// <summary>Returns the first row, or <see langword="default"/> if no row is found.</summary>
    public T? First<T>(Func<Statement, T> map)
    {
        try
        {
            return Step() ? map(this) : default;
        }
        finally
        {
            Reset();
        }
    }

    /// <summary>Returns all rows.</summary>
    public List<T> List<T>(Func<Statement, T> map)
    {
        var rows = new List<T>();
        ReadWhile(row =>
        {
            rows.Add(map(row));
            return true;
        });
        return rows;
    }

    /// <summary>Reads rows until none is left or <paramref name="read"/> returns false.</summary>
    public void ReadWhile(Func<Statement, bool> read)
    {
        try
        {
            while (Step() && read(this))
            {
            }
        }
        finally
        {
            Reset();
        }
    }

    public bool IsNull(int column) => raw.sqlite3_column_type(_statement, column) == raw.SQLITE_NULL;

    public long Integer(int column) => raw.sqlite3_column_int64(_statement, column);

    public double Real(int column) => raw.sqlite3_column_double(_statement, column);

    /// <summary>The bytes of a blob, or of a text in UTF-8. They are valid until the next row.</summary>
    public ReadOnlySpan<byte> Bytes(int column) => raw.sqlite3_column_blob(_statement, column);

    public string Text(int column)
    {
        // Most columns of JSON are empty objects.
        var bytes = Bytes(column);
        return bytes.SequenceEqual("{}"u8) ? "{}" : Encoding.UTF8.GetString(bytes);
    }

    public string? TextOrNull(int column) => IsNull(column) ? null : Text(column);

    public Guid Guid(int column) => new(Bytes(column), bigEndian: true);

    public DateTimeOffset Time(int column) => UnixMicroseconds.ToTime(Integer(column));

    public DateTimeOffset? TimeOrNull(int column) => IsNull(column) ? null : Time(column);

    public void Dispose() => _statement.Dispose();

    private Statement AddNull() => Added(raw.sqlite3_bind_null(_statement, ++_added));

    private Statement Added(int result)
    {
        SqliteException.ThrowExceptionForRC(result, _database);
        return this;
    }

    private bool Step()
    {
        var result = raw.sqlite3_step(_statement);
        if (result is raw.SQLITE_ROW or raw.SQLITE_DONE)
        {
            return result == raw.SQLITE_ROW;
        }

        SqliteException.ThrowExceptionForRC(result, _database);
        return false;
    }

    // The function returns the failure of the last step, which was thrown already.
    private void Reset() => _ = raw.sqlite3_reset(_statement);
}

using System.Text;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Weft.Runs;

namespace Weft.Storage.Sqlite;

/// <summary>A connection with its prepared statements. One thread at a time.</summary>
internal sealed class SqliteSession : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly Dictionary<string, SqliteStatement> _statements = [];

    public SqliteSession(SqliteStorageOptions options, bool readOnly)
    {
        _connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = options.Path,
            Mode = readOnly ? SqliteOpenMode.ReadOnly : SqliteOpenMode.ReadWriteCreate,
            Pooling = false,
            DefaultTimeout = 30,
        }.ToString());
        _connection.Open();
        Run("PRAGMA busy_timeout = 30000");
        if (!readOnly)
        {
            Run("PRAGMA journal_mode = WAL");
            Run(options.FullSync ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
        }

        Run("PRAGMA temp_store = MEMORY");
        _connection.CreateFunction<string, string, string>("json_merge", Merge, isDeterministic: true);
        _connection.CreateFunction<string, string, bool>("json_contains", Contains, isDeterministic: true);
    }

    /// <summary>Returns the prepared statement of a constant: text that is put together is interned first.</summary>
    public SqliteStatement this[string sql]
    {
        get
        {
            if (!_statements.TryGetValue(sql, out var statement))
            {
                _statements[sql] = statement = new SqliteStatement(_connection, sql);
            }

            return statement;
        }
    }

    /// <summary>Runs one or more statements that are not kept.</summary>
    public void Run(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    public void Dispose()
    {
        foreach (var statement in _statements.Values)
        {
            statement.Dispose();
        }

        _connection.Dispose();
    }

    /// <summary>Merges two objects key by key, not recursively; the second one wins.</summary>
    private static string Merge(string under, string over)
    {
        // Mostly a thread already has what the next run adds to its metadata, and in the same words.
        if (over.Length <= 2 || under == over || under.Contains(over.AsSpan(1, over.Length - 2), StringComparison.Ordinal))
        {
            return under;
        }

        if (under.Length <= 2)
        {
            return over;
        }

        using var first = JsonDocument.Parse(under);
        using var second = JsonDocument.Parse(over);
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            foreach (var member in first.RootElement.EnumerateObject())
            {
                if (!second.RootElement.TryGetProperty(member.Name, out _))
                {
                    member.WriteTo(writer);
                }
            }

            foreach (var member in second.RootElement.EnumerateObject())
            {
                member.WriteTo(writer);
            }

            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    private static bool Contains(string whole, string part)
    {
        using var first = JsonDocument.Parse(whole);
        using var second = JsonDocument.Parse(part);
        return JsonContainment.Contains(first.RootElement, second.RootElement);
    }
}

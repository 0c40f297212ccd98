using System.Globalization;
using Microsoft.Data.Sqlite;
using Weft.Storage.Sqlite;

namespace Weft.Host.Commands;

/// <summary>A SQLite file of the server, opened for reading only. A server may use it at the same time.</summary>
internal sealed class DatabaseFile : IDisposable
{
    private const string HasVersion = "SELECT count(*) FROM sqlite_schema WHERE name = 'schema_version'";
    private const string FindVersion = "SELECT max(version) FROM schema_version";
    private const string FindOldest = "SELECT max(coalesce(oldest, version)) FROM schema_version WHERE version > ";
    private const string CountBytes = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size";
    private const string CountFreeBytes = "SELECT freelist_count * page_size FROM pragma_freelist_count, pragma_page_size";
    private const string FindProblems = "PRAGMA integrity_check";

    private readonly SqliteConnection _connection;

    private DatabaseFile(string path, SqliteConnection connection)
    {
        Path = path;
        _connection = connection;
    }

    public string Path { get; }

    /// <summary>The schema that this version of Weft makes.</summary>
    public static int KnownVersion => Migrator.Version;

    /// <summary>The schema of the file.</summary>
    public int Version => (int)Number(FindVersion);

    /// <summary>Whether this version of Weft can use a file of a newer schema.</summary>
    public bool IsUsable =>
        Version <= KnownVersion || Number(FindOldest + KnownVersion.ToString(CultureInfo.InvariantCulture)) <= KnownVersion;

    /// <summary>The bytes of the file, without the write-ahead log.</summary>
    public long Bytes => Number(CountBytes);

    /// <summary>The bytes of the file that are not in use.</summary>
    public long FreeBytes => Number(CountFreeBytes);

    /// <summary>The bytes of the write-ahead log, which has the newest commits.</summary>
    public long LogBytes => new FileInfo(Path + "-wal") is { Exists: true, Length: var length } ? length : 0;

    /// <summary>Opens a file.</summary>
    /// <exception cref="CommandLineException">There is none, or it is not a database of Weft.</exception>
    public static DatabaseFile Open(string path)
    {
        if (!File.Exists(path))
        {
            throw new CommandLineException($"There is no database '{path}'; --data names its folder.");
        }

        var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ToString());
        try
        {
            connection.Open();
            var file = new DatabaseFile(path, connection);
            return file.Number(HasVersion) > 0
                ? file
                : throw new CommandLineException($"The database '{path}' contains data that is not Weft's.");
        }
        catch (SqliteException e)
        {
            connection.Dispose();
            throw new CommandLineException($"The database '{path}' can't be read: {e.Message}");
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>The number of rows of a table; null if the schema does not have it.</summary>
    public long? Count(string table) =>
        Number($"SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = '{table}'") > 0
            ? Number($"SELECT count(*) FROM {table}")
            : null;

    /// <summary>Returns what is damaged; none if the file is whole. It reads all of the file.</summary>
    public IReadOnlyList<string> Problems()
    {
        try
        {
            using var command = new SqliteCommand(FindProblems, _connection);
            using var reader = command.ExecuteReader();
            var problems = new List<string>();
            while (reader.Read())
            {
                problems.Add(reader.GetString(0));
            }

            return problems is ["ok"] ? [] : problems;
        }
        catch (SqliteException e)
        {
            return [e.Message];
        }
    }

    /// <summary>Copies the committed state into a file, which has one writer at a time like the original.</summary>
    public void CopyTo(string path)
    {
        using var target = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        target.Open();
        _connection.BackupDatabase(target);
    }

    public void Dispose() => _connection.Dispose();

    private long Number(string sql)
    {
        using var command = new SqliteCommand(sql, _connection);
        return command.ExecuteScalar() is long number ? number : 0;
    }
}

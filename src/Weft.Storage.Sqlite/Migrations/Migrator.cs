using System.Globalization;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Weft.Storage.Sqlite;

/// <summary>Brings a file to this version's schema: numbered scripts, in order, each at most once.</summary>
internal static class Migrator
{
    private const string FindVersion = "SELECT coalesce(max(version), 0) FROM schema_version";
    private const string AddVersion = "INSERT INTO schema_version (version) VALUES (?1)";
    private const string IsEmpty = "SELECT NOT EXISTS (SELECT 1 FROM sqlite_schema)";
    private const string HasVersion = "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'schema_version')";

    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(20);

    /// <summary>Applies what is missing. Several processes may do so at once.</summary>
    public static void Migrate(StoreConnection connection, SqliteStorageOptions options)
    {
        UseWriteAheadLog(connection, options.BusyTimeout);
        if (IsCurrent(connection))
        {
            // Nothing to write: a server starts also while another process holds the file, or the disk is full.
            return;
        }

        connection.Begin();
        try
        {
            var scripts = Scripts();
            var version = CurrentVersion(connection, options.Path);
            if (version > scripts.Count)
            {
                throw new DatabaseUnavailableException(
                    $"The database '{options.Path}' has schema version {version}, this version of Weft knows up to {scripts.Count}: a newer one has used it.");
            }

            for (var next = version; next < scripts.Count; next++)
            {
                connection.ExecuteScript(ReadScript(scripts[next]));
                connection.Use(AddVersion).Add(next + 1).Execute();
            }

            connection.Commit();
        }
        catch
        {
            connection.TryRollback(out _);
            throw;
        }
    }

    /// <summary>The change of mode needs the file for itself for a moment, and SQLite does not wait for that of its own accord.</summary>
    private static void UseWriteAheadLog(StoreConnection connection, TimeSpan timeout)
    {
        for (var waited = TimeSpan.Zero; ; waited += RetryDelay)
        {
            try
            {
                connection.ExecuteScript("PRAGMA journal_mode = WAL");
                return;
            }
            catch (SqliteException e) when (e.SqliteErrorCode is raw.SQLITE_BUSY or raw.SQLITE_LOCKED && waited < timeout)
            {
                Thread.Sleep(RetryDelay);
            }
        }
    }

    private static bool IsCurrent(StoreConnection connection) =>
        connection.Use(HasVersion).First(row => row.Integer(0)) == 1 && connection.Use(FindVersion).First(row => row.Integer(0)) == Scripts().Count;

    private static int CurrentVersion(StoreConnection connection, string path)
    {
        if (connection.Use(IsEmpty).First(row => row.Integer(0)) == 1)
        {
            connection.ExecuteScript("CREATE TABLE schema_version (version INTEGER PRIMARY KEY) STRICT");
        }
        else if (connection.Use(HasVersion).First(row => row.Integer(0)) == 0)
        {
            throw new DatabaseUnavailableException($"The database '{path}' holds something else than Weft's data.");
        }

        return (int)connection.Use(FindVersion).First(row => row.Integer(0));
    }

    private static List<string> Scripts()
    {
        var names = typeof(Migrator).Assembly.GetManifestResourceNames().Where(name => name.EndsWith(".sql", StringComparison.Ordinal)).Order(StringComparer.Ordinal).ToList();
        for (var i = 0; i < names.Count; i++)
        {
            if (!names[i].Contains(string.Create(CultureInfo.InvariantCulture, $".{i + 1:0000}_"), StringComparison.Ordinal))
            {
                throw new InvalidOperationException($"Migration {i + 1} is missing; found {names[i]}.");
            }
        }

        return names;
    }

    private static string ReadScript(string name)
    {
        using var reader = new StreamReader(typeof(Migrator).Assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }
}

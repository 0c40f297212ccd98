using System.Globalization;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Weft.Storage.Sqlite;

/// <summary>Brings a file to this version's schema: numbered scripts, in order, each at most once.</summary>
internal static class Migrator
{
    private const string FindVersion = "SELECT coalesce(max(version), 0) FROM schema_version";
    private const string AddVersion = "INSERT INTO schema_version (version) VALUES (?1)";
    private const string FindOldest = "SELECT max(coalesce(oldest, version)) FROM schema_version WHERE version > ?1";
    private const string AddVersionWithOldest = "INSERT INTO schema_version (version, oldest) VALUES (?1, ?2)";
    private const string IsEmpty = "SELECT NOT EXISTS (SELECT 1 FROM sqlite_schema)";
    private const string HasVersion = "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'schema_version')";

    /// <summary>
    /// A script may begin with this and the oldest version that a program may know to use the file afterwards, because the script
    /// only adds what such a program can do without.
    /// </summary>
    private const string OldestMark = "-- Oldest: ";

    // The first script after which the table has the column.
    private const int FirstWithOldest = 12;

    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(20);

    /// <summary>Applies what is missing. Several processes may do so at once.</summary>
    public static void Migrate(StoreConnection connection, SqliteStorageOptions options)
    {
        UseWriteAheadLog(connection, options.BusyTimeout);
        if (IsUsable(connection))
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
                // A newer version has used the file, and its changes do not suit this one.
                throw new DatabaseUnavailableException(
                    $"The database '{options.Path}' has schema version {version}, this version of Weft knows up to {scripts.Count}: a newer one has used it.");
            }

            for (var next = version; next < scripts.Count; next++)
            {
                var script = ReadScript(scripts[next]);
                connection.ExecuteScript(script);
                if (next + 1 < FirstWithOldest)
                {
                    connection.Use(AddVersion).Add(next + 1).Execute();
                }
                else
                {
                    connection.Use(AddVersionWithOldest).Add(next + 1).Add(OldestOf(script)).Execute();
                }
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

    /// <summary>Whether the file has this version's schema, or a newer one that this version may use.</summary>
    private static bool IsUsable(StoreConnection connection)
    {
        if (connection.Use(HasVersion).First(row => row.Integer(0)) == 0)
        {
            return false;
        }

        var known = Scripts().Count;
        var version = connection.Use(FindVersion).First(row => row.Integer(0));
        return version == known || (version > known && connection.Use(FindOldest).Add(known).First(row => row.Integer(0)) <= known);
    }

    private static long? OldestOf(string script) => script.StartsWith(OldestMark, StringComparison.Ordinal)
        ? long.Parse(script.AsSpan(OldestMark.Length, script.AsSpan(OldestMark.Length).IndexOfAnyExceptInRange('0', '9')), CultureInfo.InvariantCulture)
        : null;

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

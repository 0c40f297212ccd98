using System.Globalization;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using SQLitePCL;
using Weft.Runs;

namespace Weft.Storage.Sqlite;

/// <summary>
/// Migrates a file to this version's schema with numbered scripts. They are applied in order, each at most once.
/// </summary>
internal static partial class Migrator
{
    private const string FindVersion = "SELECT coalesce(max(version), 0) FROM schema_version";
    private const string AddVersion = "INSERT INTO schema_version (version) VALUES (?1)";
    private const string FindOldest = "SELECT max(coalesce(oldest, version)) FROM schema_version WHERE version > ?1";
    private const string AddVersionWithOldest = "INSERT INTO schema_version (version, oldest) VALUES (?1, ?2)";
    private const string IsEmpty = "SELECT NOT EXISTS (SELECT 1 FROM sqlite_schema)";
    private const string CountBytes = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size";
    private const string HasVersion = "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'schema_version')";

    /// <summary>
    /// A script may begin with this mark and a schema version. Programs that know that version can still use the file
    /// afterwards, because they do not need what the script adds.
    /// </summary>
    private const string OldestMark = "-- Oldest: ";

    // After this script the metadata of threads is listed, which SQL can't do.
    private const string ThreadMetadataScript = "_thread_metadata.sql";

    // The first script after which the table of versions has the column for the oldest version.
    private const int FirstWithOldest = 12;

    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(20);

    /// <summary>The schema that the scripts of this version make.</summary>
    public static int Version => Scripts().Count;

    /// <summary>Applies the missing scripts. Several processes may do so at once.</summary>
    public static void Migrate(StoreConnection connection, SqliteStorageOptions options, ILogger logger)
    {
        UseWriteAheadLog(connection, options.BusyTimeout);
        if (IsUsable(connection))
        {
            // Nothing is written, so that a server starts even while another process locks the file or the disk is
            // full.
            return;
        }

        connection.Begin();
        try
        {
            var scripts = Scripts();
            var version = CurrentVersion(connection, options.Path);
            if (version > scripts.Count)
            {
                // A newer version has changed the file in a way that this version can't use.
                throw new DatabaseUnavailableException(
                    $"The database '{options.Path}' has schema version {version}, but this version of Weft knows only "
                        + $"up to {scripts.Count}. A newer version has used it.");
            }

            if (version == 0)
            {
                Apply(connection, scripts, version);
                connection.Commit();
                return;
            }

            // It may take minutes, and nothing else is seen of the server meanwhile.
            LogBegins(logger, options.Path, connection.Use(CountBytes).First(row => row.Integer(0)), version, scripts.Count);
            var start = TimeProvider.System.GetTimestamp();
            Apply(connection, scripts, version);
            connection.Commit();
            LogEnded(logger, options.Path, scripts.Count, TimeProvider.System.GetElapsedTime(start));
        }
        catch
        {
            connection.TryRollback(out _);
            throw;
        }
    }

    /// <summary>Whether the file has this version's schema, or a newer one that this version may use.</summary>
    public static bool IsUsable(StoreConnection connection)
    {
        if (connection.Use(HasVersion).First(row => row.Integer(0)) == 0)
        {
            return false;
        }

        var known = Scripts().Count;
        var version = connection.Use(FindVersion).First(row => row.Integer(0));
        return version == known || (version > known && connection.Use(FindOldest).Add(known).First(row => row.Integer(0)) <= known);
    }

    /// <summary>Applies the scripts after a version.</summary>
    private static void Apply(StoreConnection connection, List<string> scripts, int version)
    {
        for (var next = version; next < scripts.Count; next++)
        {
            var script = ReadScript(scripts[next]);
            connection.ExecuteScript(script);
            if (scripts[next].EndsWith(ThreadMetadataScript, StringComparison.Ordinal))
            {
                ThreadMetadataRows.AddAll(connection);
            }

            if (next + 1 < FirstWithOldest)
            {
                connection.Use(AddVersion).Add(next + 1).Execute();
            }
            else
            {
                connection.Use(AddVersionWithOldest).Add(next + 1).Add(OldestOf(script)).Execute();
            }
        }
    }

    /// <summary>
    /// The change of mode needs exclusive access for a moment, and SQLite does not apply its busy timeout to it.
    /// </summary>
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

    private static long? OldestOf(string script) => script.StartsWith(OldestMark, StringComparison.Ordinal)
        ? long.Parse(
            script.AsSpan(OldestMark.Length, script.AsSpan(OldestMark.Length).IndexOfAnyExceptInRange('0', '9')),
            CultureInfo.InvariantCulture)
        : null;

    private static int CurrentVersion(StoreConnection connection, string path)
    {
        if (connection.Use(IsEmpty).First(row => row.Integer(0)) == 1)
        {
            connection.ExecuteScript("CREATE TABLE schema_version (version INTEGER PRIMARY KEY) STRICT");
        }
        else if (connection.Use(HasVersion).First(row => row.Integer(0)) == 0)
        {
            throw new DatabaseUnavailableException($"The database '{path}' contains data that is not Weft's.");
        }

        return (int)connection.Use(FindVersion).First(row => row.Integer(0));
    }

    private static List<string> Scripts()
    {
        var names = typeof(Migrator).Assembly.GetManifestResourceNames()
            .Where(name => name.EndsWith(".sql", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .ToList();
        for (var i = 0; i < names.Count; i++)
        {
            if (!names[i].Contains(string.Create(CultureInfo.InvariantCulture, $".{i + 1:0000}_"), StringComparison.Ordinal))
            {
                throw new InvalidOperationException($"Migration {i + 1} is missing (found '{names[i]}').");
            }
        }

        return names;
    }

    private static string ReadScript(string name)
    {
        using var reader = new StreamReader(typeof(Migrator).Assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }

    [LoggerMessage(
        1,
        LogLevel.Information,
        "Migrating the database '{Path}' ({Bytes} bytes) from schema version {From} to {To}. The server starts when this has ended.")]
    private static partial void LogBegins(ILogger logger, string path, long bytes, int from, int to);

    [LoggerMessage(2, LogLevel.Information, "Migrated the database '{Path}' to schema version {To} in {Duration}.")]
    private static partial void LogEnded(ILogger logger, string path, int to, TimeSpan duration);
}

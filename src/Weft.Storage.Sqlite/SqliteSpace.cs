using Microsoft.Data.Sqlite;
using Weft.Runs;

namespace Weft.Storage.Sqlite;

/// <summary>Measures the file and its log, and returns free pages at the end of the file to the file system, some at a time.</summary>
internal sealed class SqliteSpace(SqliteDatabase database) : IStorageSpace
{
    private const string CountFree = "PRAGMA freelist_count";
    private const string FindMode = "PRAGMA auto_vacuum";
    private const int Incremental = 2;

    private const string CountBytes = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size";
    private const string CountFreeBytes = "SELECT freelist_count * page_size FROM pragma_freelist_count, pragma_page_size";

    /// <summary>
    /// Rewrites a file of an earlier version so that its free pages can be returned. A large file is not rewritten,
    /// because that would take minutes.
    /// </summary>
    public static void Prepare(StoreConnection connection, SqliteStorageOptions options)
    {
        if (connection.Use(FindMode).First(row => row.Integer(0)) == Incremental
            || connection.Use(CountBytes).First(row => row.Integer(0)) > options.RewrittenBytesMax)
        {
            return;
        }

        try
        {
            connection.ExecuteScript("PRAGMA auto_vacuum = INCREMENTAL; VACUUM");
        }
        catch (SqliteException)
        {
            // Another process reads the file, or the disk has no space for a copy. The file stays as it is.
        }
    }

    public Task<StorageSize?> MeasureAsync(CancellationToken cancellationToken) => database.ReadAsync<StorageSize?>(
        connection =>
        {
            var log = new FileInfo(database.FilePath + "-wal");
            return new StorageSize(
                connection.Use(CountBytes).First(row => row.Integer(0)) + (log.Exists ? log.Length : 0),
                connection.Use(CountFreeBytes).First(row => row.Integer(0)));
        },
        cancellationToken);

    public Task<bool> TryReleaseAsync(CancellationToken cancellationToken) => database.WriteAsync(
        connection =>
        {
            if (connection.Use(FindMode).First(row => row.Integer(0)) != Incremental
                || connection.Use(CountFree).First(row => row.Integer(0)) == 0)
            {
                return false;
            }

            connection.ExecuteScript("PRAGMA incremental_vacuum(250)");
            return true;
        },
        cancellationToken);
}

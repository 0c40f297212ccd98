namespace Weft.Storage.Sqlite;

/// <summary>Where and how SQLite keeps the data.</summary>
public sealed class SqliteStorageOptions
{
    /// <summary>The database file; it and its folder are created if they are missing. Default: <c>weft.db</c> in the application's content root.</summary>
    public string Path { get; set; } = "weft.db";

    /// <summary>What a commit waits for. Default: <see cref="SqliteSynchronous.Normal"/>.</summary>
    public SqliteSynchronous Synchronous { get; set; } = SqliteSynchronous.Normal;

    /// <summary>How long to wait for another process that writes to the same file. Default: 5 seconds.</summary>
    public TimeSpan BusyTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How many writes wait to be committed before callers are made to wait. Default: 4096.</summary>
    public int QueuedWritesMax { get; set; } = 4096;

    /// <summary>
    /// How many bytes a file of an earlier version may have to be rewritten when it is opened, which lets it shrink when data is
    /// removed. It takes a second for each 100 MB or so, and as much free disk. Default: 200 MB.
    /// </summary>
    public long RewrittenBytesMax { get; set; } = 200_000_000;
}

/// <summary>What a commit waits for.</summary>
public enum SqliteSynchronous
{
    /// <summary>A commit survives the end of the process, however it ends. A power cut may undo the last commits; the file stays whole.</summary>
    Normal,

    /// <summary>A commit also survives a power cut. Each one waits for the disk.</summary>
    Full,
}

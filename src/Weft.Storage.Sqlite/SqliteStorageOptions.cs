namespace Weft.Storage.Sqlite;

/// <summary>Where and how SQLite keeps the data.</summary>
public sealed class SqliteStorageOptions
{
    /// <summary>
    /// The database file; it and its folder are created if they are missing. Default: <c>weft.db</c> in the
    /// application's content root.
    /// </summary>
    public string Path { get; set; } = "weft.db";

    /// <summary>The durability of a commit. Default: <see cref="SqliteSynchronous.Normal"/>.</summary>
    public SqliteSynchronous Synchronous { get; set; } = SqliteSynchronous.Normal;

    /// <summary>How long to wait while another process writes to the file. Default: 5 seconds.</summary>
    public TimeSpan BusyTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The greatest number of queued writes. When the queue is full, callers wait. Default: 4096.</summary>
    public int QueuedWritesMax { get; set; } = 4096;

    /// <summary>
    /// The greatest number of bytes of vectors of items in memory. A search below a namespace with more of them reads the database
    /// each time. 100,000 vectors of 384 dimensions take 80 MB. Nothing is kept if items are not searched by meaning. Default: 128 MB.
    /// </summary>
    public long CachedVectorsBytesMax { get; set; } = 128_000_000;

    /// <summary>
    /// The greatest size in bytes of a file of an earlier version that is rewritten when it is opened. A rewritten file
    /// shrinks when data is removed. Rewriting takes about a second per 100 MB, and as much free disk space. Default:
    /// 200 MB.
    /// </summary>
    public long RewrittenBytesMax { get; set; } = 200_000_000;
}

/// <summary>The durability of a commit.</summary>
public enum SqliteSynchronous
{
    /// <summary>
    /// A commit survives the end of the process, however it ends. A power cut may undo the last commits, but does not
    /// damage the file.
    /// </summary>
    Normal,

    /// <summary>A commit also survives a power cut. Each one waits for the disk.</summary>
    Full,
}

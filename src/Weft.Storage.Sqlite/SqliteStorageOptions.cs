namespace Weft.Storage.Sqlite;

/// <summary>Where and how the data is kept.</summary>
public sealed class SqliteStorageOptions
{
    /// <summary>The database file. Its folder is created when it is missing. Default: <c>weft.db</c> in the working directory.</summary>
    public string Path { get; set; } = "weft.db";

    /// <summary>Whether each commit waits for the disk. Off, a commit survives the death of the process; on, also that of the machine. Default: false.</summary>
    public bool FullSync { get; set; }

    /// <summary>How many writes may wait for the writer before callers do. Default: 10,000.</summary>
    public int QueuedWritesMax { get; set; } = 10_000;
}

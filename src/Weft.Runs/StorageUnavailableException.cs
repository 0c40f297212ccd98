namespace Weft.Runs;

/// <summary>The reason why storage can't be used.</summary>
public enum StorageFault
{
    /// <summary>Another process has locked the database.</summary>
    Busy,

    /// <summary>The disk is full.</summary>
    Full,

    /// <summary>The database can be read but not written.</summary>
    ReadOnly,

    /// <summary>The file system reports errors.</summary>
    Failing,

    /// <summary>The content of the database is damaged. Waiting does not help.</summary>
    Damaged,
}

/// <summary>
/// A storage operation failed. It changed nothing, unless the connection to a database was lost during its commit. The message is written
/// for the client.
/// </summary>
/// <param name="fault">The reason.</param>
/// <param name="inner">The exception of the database.</param>
public sealed class StorageUnavailableException(StorageFault fault, Exception? inner = null) : Exception(MessageOf(fault), inner)
{
    /// <summary>The reason.</summary>
    public StorageFault Fault { get; } = fault;

    /// <summary>Whether the same call may succeed later.</summary>
    public bool IsTransient => Fault != StorageFault.Damaged;

    /// <summary>The time that a client should wait before it retries; null if a retry does not help.</summary>
    public TimeSpan? RetryAfter => Fault switch
    {
        StorageFault.Busy => TimeSpan.FromSeconds(1),
        StorageFault.Damaged => null,
        _ => TimeSpan.FromSeconds(10),
    };

    private static string MessageOf(StorageFault fault) => fault switch
    {
        StorageFault.Busy => "The database is in use by another process.",
        StorageFault.Full => "The disk is full; nothing can be stored.",
        StorageFault.ReadOnly => "The database can't be written to.",
        StorageFault.Failing => "The database could not be read or written.",
        _ => "The database is damaged.",
    };
}

using Microsoft.Data.Sqlite;
using SQLitePCL;
using Weft.Runs;

namespace Weft.Storage.Sqlite;

/// <summary>Tells failures of the disk, or of another process, from those of a statement.</summary>
internal static class StorageFaults
{
    /// <summary>Returns the exception that callers get.</summary>
    public static Exception Translate(Exception exception)
    {
        // Of a failure and that of the rollback after it, the first one says why.
        var first = exception is AggregateException { InnerExceptions: [var failure, ..] } ? failure : exception;
        return first is SqliteException sqlite && FaultOf(sqlite.SqliteErrorCode) is { } fault ? new StorageUnavailableException(fault, exception) : exception;
    }

    private static StorageFault? FaultOf(int code) => code switch
    {
        raw.SQLITE_BUSY or raw.SQLITE_LOCKED or raw.SQLITE_PROTOCOL => StorageFault.Busy,
        raw.SQLITE_FULL => StorageFault.Full,
        raw.SQLITE_READONLY or raw.SQLITE_PERM => StorageFault.ReadOnly,
        raw.SQLITE_IOERR or raw.SQLITE_CANTOPEN => StorageFault.Failing,
        raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB => StorageFault.Damaged,
        _ => null,
    };
}

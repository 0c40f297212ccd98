using Microsoft.Data.Sqlite;
using SQLitePCL;
using Weft.Runs;

namespace Weft.Storage.Sqlite;

/// <summary>Distinguishes failures of the disk, or caused by another process, from those of a statement.</summary>
internal static class StorageFaults
{
    /// <summary>Returns the exception to throw to callers.</summary>
    public static Exception Translate(Exception exception)
    {
        // If the rollback failed too, the first failure is the cause.
        var first = exception is AggregateException { InnerExceptions: [var failure, ..] } ? failure : exception;
        return first is SqliteException sqlite && FaultOf(sqlite.SqliteErrorCode) is { } fault
            ? new StorageUnavailableException(fault, exception)
            : exception;
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

using System.Net.Sockets;
using Npgsql;
using Weft.Runs;

namespace Weft.Storage.Postgres;

/// <summary>Distinguishes failures of the database and of its connections from those of a statement.</summary>
internal static class StorageFaults
{
    // Npgsql has no names for them.
    private const string IdleSessionTimeout = "57P05";
    private const string IdleInTransaction = "25P03";

    /// <summary>Returns the exception to throw to callers.</summary>
    public static Exception Translate(Exception exception) =>
        FaultOf(exception) is { } fault ? new StorageUnavailableException(fault, exception) : exception;

    /// <summary>
    /// Whether the same transaction may succeed on another connection or a moment later. It is not known whether it was committed.
    /// </summary>
    public static bool IsRepeatable(Exception exception) => exception is PostgresException failure
        ? IsRepeatable(failure.SqlState)
        : exception is NpgsqlException or SocketException or IOException or TimeoutException;

    /// <summary>Whether transactions were in each other's way. That is not a failure of the database.</summary>
    public static bool IsConflict(Exception exception) => exception is PostgresException
    {
        SqlState: PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.LockNotAvailable
    };

    private static StorageFault? FaultOf(Exception exception) => exception switch
    {
        PostgresException { SqlState: PostgresErrorCodes.DiskFull } => StorageFault.Full,
        PostgresException { SqlState: PostgresErrorCodes.ReadOnlySqlTransaction } => StorageFault.ReadOnly,
        PostgresException { SqlState: PostgresErrorCodes.DataCorrupted or PostgresErrorCodes.IndexCorrupted } => StorageFault.Damaged,
        PostgresException { SqlState: PostgresErrorCodes.OutOfMemory or PostgresErrorCodes.IoError } => StorageFault.Failing,
        // A time limit that an operator set for the role.
        PostgresException { SqlState: PostgresErrorCodes.QueryCanceled } => StorageFault.Failing,
        _ when IsConflict(exception) => StorageFault.Busy,
        _ when IsRepeatable(exception) => StorageFault.Failing,
        _ => null,
    };

    // After a failover, connections may still lead to a server that has become a standby.
    private static bool IsRepeatable(string state) => state switch
    {
        PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.LockNotAvailable => true,
        PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow => true,
        PostgresErrorCodes.TooManyConnections or PostgresErrorCodes.ReadOnlySqlTransaction => true,
        // The server ends connections that are idle for longer than an operator allows.
        IdleSessionTimeout or IdleInTransaction => true,
        _ => state.StartsWith("08", StringComparison.Ordinal),
    };
}

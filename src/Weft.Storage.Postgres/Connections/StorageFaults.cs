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
    private const string InsufficientResources = "53000";
    private const string ConfigurationLimit = "53400";

    /// <summary>Returns the exception to throw to callers.</summary>
    public static Exception Translate(Exception exception) =>
        FaultOf(exception) is { } fault ? new StorageUnavailableException(fault, exception) : exception;

    /// <summary>
    /// Whether the same transaction may succeed on another connection or a moment later. It is not known whether it was committed.
    /// </summary>
    public static bool IsRepeatable(Exception exception) => exception is PostgresException failure
        ? IsRepeatable(failure.SqlState) || IsRefusedConnection(failure)
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

    // An error of this severity ends the connection, or refuses it: a role that may not log in or has a new password, a database that
    // takes no connections or is being renamed, a rule of pg_hba.conf, internal errors of a new process. A server that has opened its
    // database was let in before, so it waits for the operator. The statement is never the reason.
    private static bool IsRefusedConnection(PostgresException failure) =>
        failure.InvariantSeverity is "FATAL" or "PANIC"
        && failure.SqlState is not (PostgresErrorCodes.DiskFull or PostgresErrorCodes.DataCorrupted or PostgresErrorCodes.IndexCorrupted);

    // After a failover, connections may still lead to a server that has become a standby.
    private static bool IsRepeatable(string state) => state switch
    {
        PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.LockNotAvailable => true,
        PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow => true,
        PostgresErrorCodes.TooManyConnections or PostgresErrorCodes.ReadOnlySqlTransaction => true,
        InsufficientResources or ConfigurationLimit => true,
        // The server ends connections that are idle for longer than an operator allows.
        IdleSessionTimeout or IdleInTransaction => true,
        _ => state.StartsWith("08", StringComparison.Ordinal),
    };
}

using Npgsql;
using Weft.Runs;

namespace Weft.Storage.Postgres;

/// <summary>Another server uses the database.</summary>
internal sealed class DatabaseInUseException(string message) : Exception(message);

/// <summary>
/// Reserves a database for one server, because two servers would execute the same runs, or for the servers of one cluster.
/// </summary>
/// <remarks>
/// It is an advisory lock on a connection of its own, which the servers of a cluster share. PostgreSQL releases it when the connection
/// ends, however that happens. A server that has lost the connection takes the lock again, unless another server was faster
/// (<see cref="TryHoldAsync"/>). Until PostgreSQL has noticed the loss too, the lock is still this server's, on the connection that it
/// can't use any more.
/// </remarks>
internal sealed class DatabaseLock : IAsyncDisposable
{
    /// <summary>How often the owner checks its connection.</summary>
    public static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(1);

    /// <summary>Answers with the database's clock, so that each check also corrects this server's.</summary>
    private const string Check = "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint";

    private const string TryTake = "SELECT pg_try_advisory_lock(hashtextextended($1, 0))";
    private const string TryShare = "SELECT pg_try_advisory_lock_shared(hashtextextended($1, 0))";

    private const string FindHolder = """
        SELECT pid, mode = 'ShareLock' FROM pg_catalog.pg_locks
        WHERE locktype = 'advisory' AND granted AND objsubid = 1
          AND database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
          AND (classid::bigint << 32) | objid::bigint = hashtextextended($1, 0)
        """;

    // PostgreSQL releases the lock of a machine that was lost after 11 seconds.
    private const int CheckTimeoutSeconds = 5;

    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(200);

    private readonly NpgsqlDataSource _source;
    private readonly string _key;
    private readonly bool _isShared;
    private NpgsqlConnection _connection;
    private int _processId;

    private DatabaseLock(NpgsqlDataSource source, string key, bool isShared, NpgsqlConnection connection)
    {
        _source = source;
        _key = key;
        _isShared = isShared;
        _connection = connection;
        _processId = connection.ProcessID;
    }

    /// <summary>Locks the database. Waits for a server that is about to release it.</summary>
    /// <exception cref="DatabaseInUseException">Another server uses the database, also after the timeout.</exception>
    public static async Task<DatabaseLock> TakeAsync(
        NpgsqlDataSource source,
        PostgresStorageOptions options,
        DatabaseUse use,
        string name,
        TimeProvider time,
        CancellationToken cancellationToken,
        TimeSpan? timeout = null)
    {
        var (key, isShared) = ($"weft:{options.Schema}", use == DatabaseUse.Cluster);
        var start = time.GetTimestamp();
        while (true)
        {
            if (await TryOpenAsync(source, key, isShared, cancellationToken) is { } connection)
            {
                return new DatabaseLock(source, key, isShared, connection);
            }

            if (time.GetElapsedTime(start) >= (timeout ?? options.LockTimeout))
            {
                var holder = isShared ? "A server that is not one of a cluster"
                    : await FindHolderAsync(source, key, cancellationToken) is { IsShared: true } ? "A cluster"
                    : "Another server";
                throw new DatabaseInUseException($"{holder} uses the schema '{options.Schema}' of the database {name}.");
            }

            await Task.Delay(RetryDelay, time, cancellationToken);
        }
    }

    /// <summary>Returns a connection that has the lock; null if another one has it.</summary>
    public static async Task<NpgsqlConnection?> TryOpenAsync(
        NpgsqlDataSource source, string key, bool isShared, CancellationToken cancellationToken)
    {
        var connection = await source.OpenConnectionAsync(cancellationToken);
        var isTaken = false;
        try
        {
            await using var command = new NpgsqlCommand(isShared ? TryShare : TryTake, connection)
            {
                Parameters = { new() { Value = key } },
            };
            isTaken = await command.ExecuteScalarAsync(cancellationToken) is true;
            return isTaken ? connection : null;
        }
        finally
        {
            if (!isTaken)
            {
                await connection.DisposeAsync();
            }
        }
    }

    /// <summary>
    /// Checks that this server still has the lock, and takes it again if the connection was lost. Returns false if another server that
    /// may not share it was faster.
    /// </summary>
    /// <param name="clock">Is corrected by the database's clock; null if no clock follows it.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="NpgsqlException">The database can't be reached, so no other server can either.</exception>
    public async Task<bool> TryHoldAsync(SharedClock? clock, CancellationToken cancellationToken)
    {
        try
        {
            await using var command = new NpgsqlCommand(Check, _connection) { CommandTimeout = CheckTimeoutSeconds };
            var asked = clock?.GetTimestamp() ?? 0;
            var shown = (long)(await command.ExecuteScalarAsync(cancellationToken))!;
            clock?.Follow(UnixMicroseconds.ToTime(shown), asked);
            return true;
        }
        catch (Exception e) when (e is NpgsqlException or InvalidOperationException)
        {
            if (await TryOpenAsync(_source, _key, _isShared, cancellationToken) is not { } connection)
            {
                // If nobody has it any more, the next check takes it.
                var holder = await FindHolderAsync(_source, _key, cancellationToken);
                return holder is null || holder.ProcessId == _processId;
            }

            var lost = _connection;
            _connection = connection;
            _processId = connection.ProcessID;
            await lost.DisposeAsync();
            return true;
        }
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private static async Task<Holder?> FindHolderAsync(NpgsqlDataSource source, string key, CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        await using var command = new NpgsqlCommand(FindHolder, connection)
        {
            Parameters = { new() { Value = key } },
            CommandTimeout = CheckTimeoutSeconds,
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? new Holder(reader.GetInt32(0), reader.GetBoolean(1)) : null;
    }

    /// <summary>A process of PostgreSQL that has the lock.</summary>
    private sealed record Holder(int ProcessId, bool IsShared);
}

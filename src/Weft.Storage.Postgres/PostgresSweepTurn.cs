using Npgsql;
using Weft.Runs;

namespace Weft.Storage.Postgres;

/// <summary>
/// Lets one server of a cluster remove expired data: the first one that asks, until it ends or loses the connection that has the lock.
/// </summary>
internal sealed class PostgresSweepTurn(PostgresDatabase database) : ISweepTurn, IAsyncDisposable
{
    private const string LockName = "sweep";

    private NpgsqlConnection? _held;

    public async Task<bool> TryTakeAsync(CancellationToken cancellationToken)
    {
        if (!database.IsOfCluster)
        {
            return true;
        }

        if (_held is not null && !await IsOpenAsync(_held, cancellationToken))
        {
            await DisposeAsync();
        }

        _held ??= await database.TryLockAsync(LockName, cancellationToken);
        return _held is not null;
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _held, null) is { } held)
        {
            await held.DisposeAsync();
        }
    }

    private static async Task<bool> IsOpenAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            await using var command = new NpgsqlCommand("SELECT 1", connection);
            await command.ExecuteScalarAsync(cancellationToken);
            return true;
        }
        catch (Exception e) when (e is NpgsqlException or InvalidOperationException)
        {
            return false;
        }
    }
}

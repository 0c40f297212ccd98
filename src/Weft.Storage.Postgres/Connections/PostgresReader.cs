using System.Data;
using Weft.Runs;

namespace Weft.Storage.Postgres;

/// <summary>Reads, and repeats reads that fail because the database can't be reached.</summary>
/// <param name="open">Opens the database when it is used first.</param>
/// <param name="options">The limits.</param>
/// <param name="server">The identity of the server; null if it is alone.</param>
/// <param name="health">Reports failures.</param>
/// <param name="time">Measures the time of repetitions.</param>
internal sealed class PostgresReader(
    Func<Task<OpenDatabase>> open, PostgresStorageOptions options, ServerIdentity? server, StorageHealth health, TimeProvider time)
    : IDisposable
{
    private readonly Repetition _repetition = new(options.ReadTimeout, health, time);

    // The connections for reads. Npgsql's pool has a bound too, but those who wait there fail after some seconds.
    private readonly SemaphoreSlim _free = new(options.ReadConnectionsMax);

    // Searches wait here first, so that they leave some of the connections to other reads.
    private readonly SemaphoreSlim _searches = new(Math.Min(options.SearchConnectionsMax, options.ReadConnectionsMax));

    public async Task<T> ReadAsync<T>(Func<Session, Task<T>> read, bool isSnapshot, CancellationToken cancellationToken)
    {
        var database = await open().WaitAsync(cancellationToken);
        await _free.WaitAsync(cancellationToken);
        try
        {
            return await _repetition.RunAsync(() => ReadAsync(database, read, isSnapshot, cancellationToken), cancellationToken);
        }
        catch (Exception e) when (health.Failed(e) is var failure && !ReferenceEquals(failure, e))
        {
            throw failure;
        }
        finally
        {
            _free.Release();
        }
    }

    public async Task<T> SearchAsync<T>(Func<Session, Task<T>> read, CancellationToken cancellationToken)
    {
        await _searches.WaitAsync(cancellationToken);
        try
        {
            return await ReadAsync(read, isSnapshot: true, cancellationToken);
        }
        finally
        {
            _searches.Release();
        }
    }

    public void Dispose()
    {
        _free.Dispose();
        _searches.Dispose();
    }

    private async Task<T> ReadAsync<T>(
        OpenDatabase database, Func<Session, Task<T>> read, bool isSnapshot, CancellationToken cancellationToken)
    {
        await using var connection = await database.Sources.Reads.OpenConnectionAsync(cancellationToken);
        var session = new Session(connection, database.Texts, server?.Key, cancellationToken);
        if (!isSnapshot)
        {
            return await read(session);
        }

        await session.BeginAsync(IsolationLevel.RepeatableRead);
        var result = await read(session);
        await session.CommitAsync();
        return result;
    }
}

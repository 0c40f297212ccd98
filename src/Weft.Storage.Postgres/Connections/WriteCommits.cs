using System.Data;
using Weft.Runs;

namespace Weft.Storage.Postgres;

/// <summary>Commits writes, and repeats those that fail because the database can't be reached.</summary>
/// <param name="open">Opens the database when it is used first.</param>
/// <param name="options">The limits.</param>
/// <param name="server">The identity of the server; null if it is alone.</param>
/// <param name="health">Reports failures.</param>
/// <param name="metrics">Measures commits.</param>
/// <param name="time">Measures the time of repetitions.</param>
internal sealed class WriteCommits(
    Func<Task<OpenDatabase>> open,
    PostgresStorageOptions options,
    ServerIdentity? server,
    StorageHealth health,
    StorageMetrics? metrics,
    TimeProvider time)
    : IDisposable
{
    private readonly Repetition _repetition = new(options.WriteTimeout, health, time);

    // The connections for writes with a transaction of their own.
    private readonly SemaphoreSlim _free = new(options.WriteConnectionsMax);

    /// <summary>
    /// Commits rows together. If one of them fails, each is committed by itself, so that only its caller gets the exception.
    /// </summary>
    public async Task CommitAsync(IReadOnlyList<RowWrite> writes)
    {
        try
        {
            var group = new WriteGroup(writes);
            await CommitAsync(writes.Count, group.CommitAsync);
        }
        catch (Exception e) when (writes.Count > 1 && IsOneAtFault(e))
        {
            foreach (var write in writes)
            {
                await CommitAsync([write]);
            }

            return;
        }
        catch (Exception e)
        {
            var failure = health.Failed(e);
            foreach (var write in writes)
            {
                write.Fail(failure);
            }

            return;
        }

        foreach (var write in writes)
        {
            write.Complete();
        }
    }

    /// <summary>Commits a write in a transaction of its own.</summary>
    public async Task CommitAsync(LoneWrite write)
    {
        await _free.WaitAsync();
        try
        {
            await CommitAsync(1, async session =>
            {
                await session.BeginAsync(IsolationLevel.ReadCommitted);
                await write.ApplyAsync(session);
                await session.CommitAsync();
            });
        }
        catch (Exception e)
        {
            write.Fail(health.Failed(e));
            return;
        }
        finally
        {
            _free.Release();
        }

        write.Complete();
    }

    public void Dispose() => _free.Dispose();

    /// <summary>Whether a failure is that of one write, not that of the database.</summary>
    private static bool IsOneAtFault(Exception exception) =>
        StorageFaults.Translate(exception) is not (StorageUnavailableException or DatabaseUnavailableException);

    private async Task CommitAsync(int writes, Func<Session, Task> commit)
    {
        var database = await open();
        var isRepetition = false;
        await _repetition.RunAsync(
            async () =>
            {
                await using var connection = await database.Sources.Writes.OpenConnectionAsync();
                var start = metrics?.CommitStarted() ?? 0;
                var session = new Session(connection, database.Texts, server?.Key, CancellationToken.None)
                {
                    IsRepetition = isRepetition,
                };
                isRepetition = true;
                await commit(session);
                metrics?.CommitFinished(start, writes);
                return true;
            },
            CancellationToken.None);
        health.Succeeded();
    }
}

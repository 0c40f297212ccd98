using Weft.Graphs;

namespace Weft.Runs;

/// <summary>
/// The checkpoints of one execution. What storage can't do for a moment is done again, writes in the order in which they were
/// made, until it succeeds or the execution is stopped.
/// </summary>
internal sealed class PatientCheckpoints(ICheckpointStore store, Action? stored, TimeProvider time, CancellationToken stop) : ICheckpointStore
{
    // Protects the field below, and the order of writes.
    private readonly Lock _lock = new();
    private Task _last = Task.CompletedTask;

    public Task PutAsync(RunAttempt attempt, CheckpointRecord checkpoint, IReadOnlyList<RunEventRecord> events, CancellationToken cancellationToken) =>
        Write(() => store.PutAsync(attempt, checkpoint, events, cancellationToken));

    public Task PutOutcomeAsync(RunAttempt attempt, TaskOutcomeRecord outcome, CancellationToken cancellationToken) =>
        Write(() => store.PutOutcomeAsync(attempt, outcome, cancellationToken));

    public Task<WriteResult> ApplyEditAsync(ThreadEdit edit, CancellationToken cancellationToken) => store.ApplyEditAsync(edit, cancellationToken);

    public Task<WriteResult> PruneAsync(ThreadId threadId, long version, IReadOnlyList<CheckpointRecord> kept, CancellationToken cancellationToken) =>
        store.PruneAsync(threadId, version, kept, cancellationToken);

    public Task<IReadOnlyList<CheckpointRecord>> ListHeadsAsync(ThreadId threadId, CancellationToken cancellationToken) =>
        ReadAsync(() => store.ListHeadsAsync(threadId, cancellationToken));

    public Task<CheckpointRecord?> FindAsync(ThreadId threadId, string @namespace, string? checkpointId, CancellationToken cancellationToken) =>
        ReadAsync(() => store.FindAsync(threadId, @namespace, checkpointId, cancellationToken));

    public Task<IReadOnlyList<StoredBody>> ReadRangeAsync(
        ThreadId threadId, string @namespace, string checkpointId, long from, long to, CancellationToken cancellationToken) =>
        ReadAsync(() => store.ReadRangeAsync(threadId, @namespace, checkpointId, from, to, cancellationToken));

    public Task<IReadOnlyList<CheckpointRecord>> ListAsync(ThreadId threadId, string @namespace, string? before, int limit, CancellationToken cancellationToken) =>
        ReadAsync(() => store.ListAsync(threadId, @namespace, before, limit, cancellationToken));

    public Task<CheckpointRecord?> FindSuccessorAsync(ThreadId threadId, string @namespace, string checkpointId, CancellationToken cancellationToken) =>
        ReadAsync(() => store.FindSuccessorAsync(threadId, @namespace, checkpointId, cancellationToken));

    public Task<IReadOnlyList<TaskOutcomeRecord>> ListOutcomesAsync(ThreadId threadId, string @namespace, string checkpointId, CancellationToken cancellationToken) =>
        ReadAsync(() => store.ListOutcomesAsync(threadId, @namespace, checkpointId, cancellationToken));

    private Task Write(Func<Task> write)
    {
        lock (_lock)
        {
            return _last = WriteAsync(write, _last);
        }
    }

    private async Task WriteAsync(Func<Task> write, Task previous)
    {
        try
        {
            await write();
        }
        catch (Exception e) when (IsPassing(e) || (e is CheckpointMissingException && !previous.IsCompletedSuccessfully))
        {
            // What it builds on comes first.
            await previous.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (e is CheckpointMissingException && !previous.IsCompletedSuccessfully)
            {
                throw;
            }

            await RepeatAsync(
                async () =>
                {
                    await write();
                    return true;
                },
                waitsFirst: IsPassing(e));
        }

        stored?.Invoke();
    }

    private async Task<T> ReadAsync<T>(Func<Task<T>> read)
    {
        try
        {
            return await read();
        }
        catch (Exception e) when (IsPassing(e))
        {
            return await RepeatAsync(read, waitsFirst: true);
        }
    }

    private async Task<T> RepeatAsync<T>(Func<Task<T>> action, bool waitsFirst)
    {
        for (var backoff = new Backoff(time); ; waitsFirst = true)
        {
            if (waitsFirst)
            {
                await backoff.WaitAsync(stop);
            }

            try
            {
                return await action();
            }
            catch (Exception e) when (IsPassing(e) && !stop.IsCancellationRequested)
            {
                // The next try follows; storage has reported it.
            }
        }
    }

    private static bool IsPassing(Exception exception) => exception is StorageUnavailableException { IsPassing: true };
}

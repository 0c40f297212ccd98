using System.Runtime.ExceptionServices;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>
/// The checkpoint store of one execution. It retries operations that fail because storage is temporarily unavailable,
/// until they succeed or the execution is stopped. Writes are retried in the order in which they were made.
/// </summary>
internal sealed class RetryingCheckpointStore(ICheckpointStore store, Action? stored, TimeProvider time, CancellationToken stop)
    : ICheckpointStore
{
    private readonly StorageRetry _retry = new(time, stop);

    // Protects the field below and the order of writes.
    private readonly Lock _lock = new();
    private Task _last = Task.CompletedTask;

    public Task PutAsync(
        RunAttempt attempt, CheckpointRecord checkpoint, IReadOnlyList<MessageRecord> messages, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return _last = PutAsync(attempt, checkpoint, messages, _last, cancellationToken);
        }
    }

    public Task PutOutcomeAsync(RunAttempt attempt, TaskOutcomeRecord outcome, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return _last = PutOutcomeAsync(attempt, outcome, _last, cancellationToken);
        }
    }

    public Task<WriteResult> ApplyEditAsync(ThreadEdit edit, CancellationToken cancellationToken) =>
        store.ApplyEditAsync(edit, cancellationToken);

    public Task<WriteResult> PruneAsync(
        ThreadId threadId, long version, IReadOnlyList<CheckpointRecord> kept, CancellationToken cancellationToken) =>
        store.PruneAsync(threadId, version, kept, cancellationToken);

    public Task<CheckpointSizes> MeasureAsync(ThreadId threadId, BodyVisitor visit, CancellationToken cancellationToken) =>
        store.MeasureAsync(threadId, visit, cancellationToken);

    public Task<IReadOnlyList<CheckpointRecord>> ListHeadsAsync(ThreadId threadId, CancellationToken cancellationToken) =>
        ReadAsync(() => store.ListHeadsAsync(threadId, cancellationToken));

    public Task<IReadOnlyList<CheckpointEntry>> FindHeadsAsync(IReadOnlyList<ThreadId> threadIds, CancellationToken cancellationToken) =>
        ReadAsync(() => store.FindHeadsAsync(threadIds, cancellationToken));

    public Task<CheckpointPage> ReadAsync(
        ThreadId threadId, string @namespace, CheckpointRange range, CancellationToken cancellationToken) =>
        ReadAsync(() => store.ReadAsync(threadId, @namespace, range, cancellationToken));

    public Task<CheckpointRecord?> FindAsync(
        ThreadId threadId, string @namespace, CheckpointId? checkpointId, CancellationToken cancellationToken) =>
        ReadAsync(() => store.FindAsync(threadId, @namespace, checkpointId, cancellationToken));

    public Task<IReadOnlyList<StoredBody>> ReadRangeAsync(
        ThreadId threadId, string @namespace, CheckpointId checkpointId, long from, long to, CancellationToken cancellationToken) =>
        ReadAsync(() => store.ReadRangeAsync(threadId, @namespace, checkpointId, from, to, cancellationToken));

    public Task<IReadOnlyList<CheckpointPlace>> ListPlacesAsync(
        ThreadId threadId, string @namespace, CheckpointId checkpointId, long from, long to, CancellationToken cancellationToken) =>
        ReadAsync(() => store.ListPlacesAsync(threadId, @namespace, checkpointId, from, to, cancellationToken));

    private async Task PutAsync(
        RunAttempt attempt,
        CheckpointRecord checkpoint,
        IReadOnlyList<MessageRecord> messages,
        Task previous,
        CancellationToken cancellationToken)
    {
        try
        {
            await store.PutAsync(attempt, checkpoint, messages, cancellationToken);
        }
        catch (Exception e) when (IsRepeated(e, previous))
        {
            // A lambda in this method would allocate for each superstep, even if nothing fails.
            await RepeatAsync(WriteOf(attempt, checkpoint, messages, cancellationToken), e, previous);
        }

        stored?.Invoke();
    }

    private async Task PutOutcomeAsync(RunAttempt attempt, TaskOutcomeRecord outcome, Task previous, CancellationToken cancellationToken)
    {
        try
        {
            await store.PutOutcomeAsync(attempt, outcome, cancellationToken);
        }
        catch (Exception e) when (IsRepeated(e, previous))
        {
            await RepeatAsync(WriteOf(attempt, outcome, cancellationToken), e, previous);
        }

        stored?.Invoke();
    }

    private Func<Task> WriteOf(
        RunAttempt attempt, CheckpointRecord checkpoint, IReadOnlyList<MessageRecord> messages, CancellationToken cancellationToken) =>
        () => store.PutAsync(attempt, checkpoint, messages, cancellationToken);

    private Func<Task> WriteOf(RunAttempt attempt, TaskOutcomeRecord outcome, CancellationToken cancellationToken) =>
        () => store.PutOutcomeAsync(attempt, outcome, cancellationToken);

    /// <summary>
    /// Whether storage is temporarily unavailable, or was so for the write on which this one depends.
    /// </summary>
    private static bool IsRepeated(Exception exception, Task previous) =>
        StorageRetry.IsTransient(exception) || (exception is CheckpointMissingException && !previous.IsCompletedSuccessfully);

    private async Task RepeatAsync(Func<Task> write, Exception failure, Task previous)
    {
        await previous.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (failure is CheckpointMissingException && !previous.IsCompletedSuccessfully)
        {
            ExceptionDispatchInfo.Throw(failure);
        }

        await _retry.RepeatAsync(
            async () =>
            {
                await write();
                return true;
            },
            waitsFirst: StorageRetry.IsTransient(failure));
    }

    private async Task<T> ReadAsync<T>(Func<Task<T>> read)
    {
        try
        {
            return await read();
        }
        catch (Exception e) when (StorageRetry.IsTransient(e))
        {
            return await _retry.RepeatAsync(read);
        }
    }
}

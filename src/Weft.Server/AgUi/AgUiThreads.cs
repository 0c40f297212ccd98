using Weft.Graphs;
using Weft.Runs;

namespace Weft.Server;

/// <summary>Reads the threads of clients.</summary>
internal sealed class AgUiThreads(ThreadsFacade threads, ThreadStates states)
{
    public static WeftException IsBusy(ThreadId threadId) =>
        new(ProblemKind.Conflict, $"Thread {threadId} has a run that has not ended. Wait for it.", "threadId");

    /// <summary>Returns what a thread has. A thread that does not exist has nothing.</summary>
    /// <exception cref="WeftException">A run of the thread has not ended, so what it has is not known yet.</exception>
    public async Task<AgUiThread> ReadAsync(Actor actor, ThreadId threadId, CancellationToken cancellationToken)
    {
        if (await threads.FindAsync(actor, threadId, cancellationToken) is not { } found)
        {
            return new AgUiThread(null);
        }

        return found.Thread.Status == ThreadStatus.Busy
            ? throw IsBusy(threadId)
            : await ReadHeadAsync(actor, threadId, cancellationToken);
    }

    /// <summary>Returns what a thread that exists has at this moment.</summary>
    public async Task<AgUiThread> ReadHeadAsync(Actor actor, ThreadId threadId, CancellationToken cancellationToken) =>
        new(await states.GetAsync(actor, threadId, CheckpointAddress.Head, subgraphs: false, cancellationToken));

    /// <summary>
    /// Returns what the thread had before a message, so that its turn can start again from there; null if no such checkpoint is
    /// kept.
    /// </summary>
    public async Task<AgUiThread?> ReadBeforeAsync(
        Actor actor, ThreadId threadId, AgUiThread newest, string messageId, CancellationToken cancellationToken)
    {
        // Checkpoints of other branches are between those that led to the newest one.
        var wanted = newest.Snapshot?.Checkpoint.Id;
        var history = states.ReadHistoryAsync(actor, threadId, "", int.MaxValue, null, null, cancellationToken);
        await foreach (var state in history)
        {
            if (state.Checkpoint.Id != wanted)
            {
                continue;
            }

            wanted = state.Checkpoint.ParentId;
            // The checkpoint of an input has the state before the input, and the input itself as its next task.
            var isBetween = state.Checkpoint.Source == CheckpointSource.Input && wanted is not null;
            // Most states have the message, and their ids tell so without the cost of encoding them.
            if (!isBetween && !StoredMessages.Of(state.Values).TryFind(messageId, out _)
                && new AgUiThread(state) is var before && !before.Has(messageId))
            {
                return before;
            }

            if (wanted is null)
            {
                break;
            }
        }

        return null;
    }
}

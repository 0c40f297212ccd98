using Weft.Graphs;
using Weft.Runs;

namespace Weft.Storage.Postgres;

/// <summary>Keeps checkpoints and the outcomes of their tasks.</summary>
/// <remarks>
/// Runs stream a state while its checkpoint is being stored. A client that then asks for the state expects to see it, so reads of
/// checkpoints wait for the writes of the thread that this server has not committed yet.
/// </remarks>
internal sealed class PostgresCheckpointStore(PostgresDatabase database) : ICheckpointStore
{
    public async Task PutAsync(
        RunAttempt attempt, CheckpointRecord checkpoint, IReadOnlyList<MessageRecord> messages, CancellationToken cancellationToken)
    {
        var row = CheckpointRows.Prepare(attempt, checkpoint, messages);
        var result = await database.WriteAsync(attempt.ThreadId, CheckpointPut.Kind, row, cancellationToken);
        result.ThrowIfRefused(attempt, checkpoint.ParentId ?? checkpoint.CheckpointId);
    }

    public async Task PutOutcomeAsync(RunAttempt attempt, TaskOutcomeRecord outcome, CancellationToken cancellationToken)
    {
        var row = new NewOutcome(attempt, outcome);
        var result = await database.WriteAsync(attempt.ThreadId, OutcomePut.Kind, row, cancellationToken);
        result.ThrowIfRefused(attempt, outcome.CheckpointId);
    }

    public Task<WriteResult> ApplyEditAsync(ThreadEdit edit, CancellationToken cancellationToken) =>
        database.WriteAsync(edit.ThreadId, session => ApplyAsync(session, edit), cancellationToken);

    public Task<WriteResult> PruneAsync(
        ThreadId threadId, long version, IReadOnlyList<CheckpointRecord> kept, CancellationToken cancellationToken) => database.WriteAsync(
        threadId,
        async session =>
        {
            var (result, threadKey) = await ThreadRows.CheckAsync(session, threadId, null, version);
            if (result == WriteResult.Applied)
            {
                await CheckpointRemoval.PruneToAsync(session, threadKey, kept);
                await ThreadRows.ChangeAsync(session, threadKey, null, default);
            }

            return result;
        },
        cancellationToken);

    public Task<CheckpointSizes> MeasureAsync(ThreadId threadId, BodyVisitor visit, CancellationToken cancellationToken)
    {
        // A read that fails after it has visited bodies is not repeated, because the caller would count them twice.
        var hasVisited = false;
        return database.SearchAsync(
            session => hasVisited
                ? throw new StorageUnavailableException(StorageFault.Failing)
                : CheckpointMeasures.MeasureAsync(
                    session,
                    threadId,
                    body =>
                    {
                        hasVisited = true;
                        visit(body);
                    }),
            cancellationToken);
    }

    public Task<IReadOnlyList<CheckpointRecord>> ListHeadsAsync(ThreadId threadId, CancellationToken cancellationToken) =>
        database.ReadAfterWritesAsync(threadId, session => CheckpointReads.HeadsAsync(session, threadId), cancellationToken);

    public Task<IReadOnlyList<CheckpointEntry>> FindHeadsAsync(IReadOnlyList<ThreadId> threadIds, CancellationToken cancellationToken) =>
        database.ReadAsync(session => CheckpointPages.HeadsAsync(session, threadIds), cancellationToken);

    public Task<CheckpointPage> ReadAsync(
        ThreadId threadId, string @namespace, CheckpointRange range, CancellationToken cancellationToken) =>
        database.ReadAfterWritesAsync(
            threadId, session => CheckpointPages.ReadAsync(session, threadId, @namespace, range), cancellationToken);

    public Task<CheckpointRecord?> FindAsync(
        ThreadId threadId, string @namespace, CheckpointId? checkpointId, CancellationToken cancellationToken) =>
        database.ReadAfterWritesAsync(
            threadId, session => CheckpointReads.FindAsync(session, threadId, @namespace, checkpointId), cancellationToken);

    public Task<IReadOnlyList<StoredBody>> ReadRangeAsync(
        ThreadId threadId, string @namespace, CheckpointId checkpointId, long from, long to, CancellationToken cancellationToken) =>
        database.ReadAsync(
            session => CheckpointReads.BodiesAsync(session, threadId, @namespace, checkpointId, from, to), cancellationToken);

    public Task<IReadOnlyList<CheckpointPlace>> ListPlacesAsync(
        ThreadId threadId, string @namespace, CheckpointId checkpointId, long from, long to, CancellationToken cancellationToken) =>
        database.ReadAsync(
            session => CheckpointReads.PlacesAsync(session, threadId, @namespace, checkpointId, from, to), cancellationToken);

    private static async Task<WriteResult> ApplyAsync(Session session, ThreadEdit edit)
    {
        var (result, threadKey) = await ThreadRows.CheckAsync(session, edit.ThreadId, null, edit.Version);
        if (result != WriteResult.Applied)
        {
            // A caller that lost the answer repeats the edit.
            return result == WriteResult.Changed && edit.Checkpoints is [.., var last] && await CheckpointRows.HasAsync(session, last)
                ? WriteResult.Applied
                : result;
        }

        foreach (var checkpoint in edit.Checkpoints)
        {
            if (!await CheckpointRows.TryInsertAsync(session, threadKey, checkpoint))
            {
                throw new CheckpointMissingException(checkpoint.ParentId ?? checkpoint.CheckpointId);
            }
        }

        foreach (var outcome in edit.Outcomes)
        {
            if (!await CheckpointRows.TryInsertOutcomeAsync(session, threadKey, outcome))
            {
                throw new CheckpointMissingException(outcome.CheckpointId);
            }
        }

        if (edit.Patched is { } patched && !await CheckpointRows.TryPatchAsync(session, threadKey, patched))
        {
            throw new CheckpointMissingException(patched.CheckpointId);
        }

        await ThreadRows.ChangeAsync(session, threadKey, edit.Thread, edit.Now);
        return WriteResult.Applied;
    }
}

using Weft.Graphs;
using Weft.Runs;

namespace Weft.Storage.Sqlite;

/// <summary>Keeps checkpoints and the outcomes of their tasks.</summary>
internal sealed class SqliteCheckpointStore(SqliteDatabase database) : ICheckpointStore
{
    public Task PutAsync(
        RunAttempt attempt, CheckpointRecord checkpoint, IReadOnlyList<MessageRecord> messages, CancellationToken cancellationToken)
    {
        // Computed here, not on the writer's loop.
        var metadata = CheckpointRows.TextOf(checkpoint);
        return database.WriteAsync(
            connection =>
            {
                if (!CheckpointRows.TryInsert(connection, attempt, checkpoint, metadata, out var keys))
                {
                    return RefusalOf(connection, attempt, checkpoint.ParentId ?? checkpoint.CheckpointId);
                }

                if (keys is { } inserted)
                {
                    MessageRows.Append(connection, checkpoint, inserted.Key, inserted.ParentKey, messages);
                }

                return null;
            },
            cancellationToken);
    }

    public Task PutOutcomeAsync(RunAttempt attempt, TaskOutcomeRecord outcome, CancellationToken cancellationToken) => database.WriteAsync(
        connection => CheckpointRows.TryInsertOutcome(connection, attempt, attempt.ThreadId, outcome)
            ? null
            : RefusalOf(connection, attempt, outcome.CheckpointId),
        cancellationToken);

    public Task<WriteResult> ApplyEditAsync(ThreadEdit edit, CancellationToken cancellationToken) => database.WriteAsync(
        connection =>
        {
            var result = ThreadRows.Check(connection, edit.ThreadId, null, edit.Version);
            if (result != WriteResult.Applied)
            {
                return result == WriteResult.Changed && edit.Checkpoints is [.., var last] && CheckpointRows.Has(connection, last)
                    ? WriteResult.Applied
                    : result;
            }

            foreach (var checkpoint in edit.Checkpoints)
            {
                if (!CheckpointRows.TryInsert(connection, null, checkpoint, CheckpointRows.TextOf(checkpoint), out _))
                {
                    throw new CheckpointMissingException(checkpoint.ParentId ?? checkpoint.CheckpointId);
                }
            }

            foreach (var outcome in edit.Outcomes)
            {
                if (!CheckpointRows.TryInsertOutcome(connection, null, edit.ThreadId, outcome))
                {
                    throw new CheckpointMissingException(outcome.CheckpointId);
                }
            }

            if (edit.Patched is { } patched && !CheckpointRows.TryPatch(connection, patched, CheckpointRows.TextOf(patched)))
            {
                throw new CheckpointMissingException(patched.CheckpointId);
            }

            ThreadRows.Change(connection, edit.ThreadId, edit.Thread, edit.Now);
            return WriteResult.Applied;
        },
        cancellationToken);

    public Task<WriteResult> PruneAsync(
        ThreadId threadId, long version, IReadOnlyList<CheckpointRecord> kept, CancellationToken cancellationToken) => database.WriteAsync(
        connection =>
        {
            var result = ThreadRows.Check(connection, threadId, null, version);
            if (result != WriteResult.Applied)
            {
                return result;
            }

            CheckpointRows.PruneTo(connection, threadId, kept);
            ThreadRows.Change(connection, threadId, null, default);
            return WriteResult.Applied;
        },
        cancellationToken);

    public Task<CheckpointSizes> MeasureAsync(ThreadId threadId, BodyVisitor visit, CancellationToken cancellationToken) =>
        database.ReadAsync(
            connection =>
            {
                connection.BeginRead();
                try
                {
                    return CheckpointMeasures.Measure(connection, threadId, visit, cancellationToken);
                }
                finally
                {
                    connection.TryRollback(out _);
                }
            },
            cancellationToken);

    public Task<IReadOnlyList<CheckpointRecord>> ListHeadsAsync(ThreadId threadId, CancellationToken cancellationToken) =>
        database.ReadAsync(connection => CheckpointReads.Heads(connection, threadId), cancellationToken);

    public Task<IReadOnlyList<CheckpointEntry>> FindHeadsAsync(IReadOnlyList<ThreadId> threadIds, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<CheckpointEntry>>(
            connection =>
                [
                    .. threadIds.SelectMany(
                        threadId => CheckpointReads.Read(connection, threadId, "", new CheckpointRange { Limit = 1 }).Entries),
                ],
            cancellationToken);

    public Task<CheckpointPage> ReadAsync(
        ThreadId threadId, string @namespace, CheckpointRange range, CancellationToken cancellationToken) => database.ReadAsync(
        connection =>
        {
            connection.BeginRead();
            try
            {
                return CheckpointReads.Read(connection, threadId, @namespace, range);
            }
            finally
            {
                connection.TryRollback(out _);
            }
        },
        cancellationToken);

    public Task<CheckpointRecord?> FindAsync(
        ThreadId threadId, string @namespace, CheckpointId? checkpointId, CancellationToken cancellationToken) =>
        database.ReadAsync(connection => CheckpointReads.Find(connection, threadId, @namespace, checkpointId), cancellationToken);

    public Task<IReadOnlyList<StoredBody>> ReadRangeAsync(
        ThreadId threadId, string @namespace, CheckpointId checkpointId, long from, long to, CancellationToken cancellationToken) =>
        database.ReadAsync(
            connection => CheckpointReads.Bodies(connection, threadId, @namespace, checkpointId, from, to), cancellationToken);

    public Task<IReadOnlyList<CheckpointPlace>> ListPlacesAsync(
        ThreadId threadId, string @namespace, CheckpointId checkpointId, long from, long to, CancellationToken cancellationToken) =>
        database.ReadAsync(
            connection => CheckpointReads.Places(connection, threadId, @namespace, checkpointId, from, to), cancellationToken);

    private static Exception? RefusalOf(StoreConnection connection, RunAttempt attempt, CheckpointId builtOn) =>
        RunRows.IsOwner(connection, attempt) ? new CheckpointMissingException(builtOn) : new StaleAttemptException(attempt);
}

namespace Weft.Runs;

/// <summary>Keeps which messages the runs of a thread added: <c>seq</c> grows with every message of a thread.</summary>
/// <remarks>
/// Every implementation passes <c>MessageStoreContract</c>. A message is added in the same transaction as the first checkpoint
/// that has it (<see cref="ICheckpointStore.PutAsync"/>). Messages are kept as long as their thread, unlike the events of
/// streams, so they are not part of the thread's log.
/// </remarks>
public interface IMessageStore
{
    /// <summary>
    /// Returns at most <paramref name="limit"/> messages of a run in ascending <c>seq</c>, strictly between
    /// <paramref name="afterSeq"/> and <paramref name="beforeSeq"/> where given: the first ones when
    /// <paramref name="afterSeq"/> is given, else the last ones.
    /// </summary>
    Task<LazyPage<MessageRecord>> OpenByRunAsync(
        ThreadId threadId, RunId runId, int limit, long? beforeSeq, long? afterSeq, CancellationToken cancellationToken);
}

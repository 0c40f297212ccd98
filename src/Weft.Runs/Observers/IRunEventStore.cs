namespace Weft.Runs;

/// <summary>Keeps the event logs of threads: <c>seq</c> grows with every entry of a thread.</summary>
/// <remarks>
/// Every implementation passes <c>RunEventStoreContract</c>. An entry is appended in the same transaction as the checkpoint or
/// the end of the run that it describes.
/// </remarks>
public interface IRunEventStore
{
    /// <summary>
    /// Returns at most <paramref name="limit"/> message entries of a run in ascending <c>seq</c>, strictly between
    /// <paramref name="afterSeq"/> and <paramref name="beforeSeq"/> where given: the first ones when
    /// <paramref name="afterSeq"/> is given, else the last ones.
    /// </summary>
    Task<IReadOnlyList<RunEventRecord>> ListMessagesByRunAsync(
        ThreadId threadId, RunId runId, int limit, long? beforeSeq, long? afterSeq, CancellationToken cancellationToken);
}

namespace Weft.Runs;

/// <summary>The stored data of a run can't be read.</summary>
internal sealed class UnreadableRunException(RunId runId, Exception inner)
    : Exception($"The stored data of run {runId} can't be read.", inner);

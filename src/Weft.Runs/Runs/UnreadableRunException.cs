namespace Weft.Runs;

/// <summary>What is stored of a run can't be read.</summary>
internal sealed class UnreadableRunException(RunId runId, Exception inner) : Exception($"What is stored of run {runId} can't be read.", inner);

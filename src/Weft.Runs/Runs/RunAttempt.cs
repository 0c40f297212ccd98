namespace Weft.Runs;

/// <summary>The attempt that an execution writes for. Stores refuse its commits once a newer attempt exists or the run has ended.</summary>
/// <param name="ThreadId">The thread of the run.</param>
/// <param name="RunId">The run.</param>
/// <param name="Attempt">The attempt, counted from 1.</param>
public sealed record RunAttempt(ThreadId ThreadId, RunId RunId, int Attempt)
{
    /// <summary>The run.</summary>
    public RunKey Run => new(ThreadId, RunId);
}

/// <summary>The attempt of the write no longer owns its run. Nothing was stored.</summary>
public sealed class StaleAttemptException(RunAttempt attempt)
    : Exception($"Attempt {attempt.Attempt} of run {attempt.RunId} no longer owns the run.");

namespace Weft.Runs;

/// <summary>The place of a run among the runs of all threads, which are ordered by their creation.</summary>
/// <param name="ThreadId">The thread.</param>
/// <param name="RunId">The run.</param>
/// <param name="CreatedAt">When it was created.</param>
public readonly record struct RunPlace(ThreadId ThreadId, RunId RunId, DateTimeOffset CreatedAt);

namespace Weft.Runs;

/// <summary>A run with the thread that it belongs to. Storage finds everything of a run by its thread.</summary>
/// <param name="ThreadId">The thread.</param>
/// <param name="RunId">The run.</param>
public readonly record struct RunKey(ThreadId ThreadId, RunId RunId);

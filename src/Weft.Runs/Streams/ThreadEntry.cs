namespace Weft.Runs;

/// <summary>An event in the log of a thread.</summary>
/// <param name="Seq">Its number in the log of the thread. Numbers rise over all runs, with gaps.</param>
/// <param name="RunId">The run.</param>
/// <param name="Event">The event, with its number in the log of the run.</param>
public readonly record struct ThreadEntry(long Seq, RunId RunId, RunEvent Event);

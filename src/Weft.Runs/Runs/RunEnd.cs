namespace Weft.Runs;

/// <summary>The stored end of a run, of which observers are yet to be told: not under the thread's gate, for they may take their time.</summary>
/// <param name="Run">The run as it ended.</param>
/// <param name="Outcome">How.</param>
internal sealed record RunEnd(RunRecord Run, RunOutcome Outcome);

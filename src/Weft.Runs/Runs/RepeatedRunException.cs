namespace Weft.Runs;

/// <summary>The request for a run repeats an earlier one, which created this run. Nothing was stored.</summary>
internal sealed class RepeatedRunException(RunRecord run) : Exception($"The request was answered with run {run.RunId}.")
{
    public RunRecord Run { get; } = run;
}

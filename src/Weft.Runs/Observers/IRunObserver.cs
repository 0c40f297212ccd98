namespace Weft.Runs;

/// <summary>Is notified when runs start and end.</summary>
public interface IRunObserver
{
    /// <summary>Whether a failure of this observer fails the run. If false, the failure is only logged.</summary>
    bool IsRequired => false;

    /// <summary>
    /// Whether the observer reads the input of runs that end while they wait. Large ones are read from storage for it.
    /// </summary>
    bool NeedsInput => true;

    /// <summary>Called before the first node of a run executes. Required observers are awaited.</summary>
    ValueTask OnStartedAsync(RunRecord run, CancellationToken cancellationToken) => default;

    /// <summary>
    /// Called after the end of a run is stored, even if the run never started. A run that was rolled back no longer exists by
    /// then. The server waits for the observer for at most <see cref="RunsOptions.StopGrace"/>.
    /// </summary>
    ValueTask OnEndedAsync(RunRecord run, RunOutcome outcome, CancellationToken cancellationToken) => default;
}

namespace Weft.Runs;

/// <summary>Is told when runs start and end.</summary>
public interface IRunObserver
{
    /// <summary>Whether a failure of this observer fails the run. One that is not required is only logged.</summary>
    bool IsRequired => false;

    /// <summary>A run begins to execute. Required observers are awaited before the first node.</summary>
    ValueTask OnStartedAsync(RunRecord run, CancellationToken cancellationToken) => default;

    /// <summary>
    /// A run has ended and its end is stored, also one that never started; one that was rolled back is gone. The server waits
    /// for the observer no longer than <see cref="RunsOptions.StopGrace"/>.
    /// </summary>
    ValueTask OnEndedAsync(RunRecord run, RunOutcome outcome, CancellationToken cancellationToken) => default;
}

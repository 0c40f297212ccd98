using Microsoft.Extensions.Logging;

namespace Weft.Runs;

/// <summary>Notifies all observers. Only a required observer can fail the run.</summary>
internal sealed partial class RunObservers(
    IEnumerable<IRunObserver> observers, RunsOptions options, TimeProvider time, SafeLogger<RunObservers> logger)
{
    private readonly IRunObserver[] _observers = [.. observers];

    /// <summary>Whether one of them needs the inputs of runs that end while they wait.</summary>
    public bool NeedInputs => Array.Exists(_observers, static observer => observer.NeedsInput);

    public async ValueTask StartedAsync(RunRecord run, CancellationToken cancellationToken)
    {
        foreach (var observer in _observers)
        {
            try
            {
                await observer.OnStartedAsync(run, cancellationToken);
            }
            catch (Exception e) when (!observer.IsRequired && !cancellationToken.IsCancellationRequested)
            {
                LogFailed(observer.GetType().Name, run.RunId, e);
            }
        }
    }

    public async ValueTask EndedAsync(RunRecord run, RunOutcome outcome)
    {
        foreach (var observer in _observers)
        {
            try
            {
                var notified = observer.OnEndedAsync(run, outcome, CancellationToken.None);
                if (!notified.IsCompletedSuccessfully)
                {
                    await notified.AsTask().WaitAsync(options.StopGrace, time);
                }
            }
            catch (Exception e)
            {
                // The end is already stored, so the failure can't fail the run.
                LogFailed(observer.GetType().Name, run.RunId, e);
            }
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "The observer {Observer} failed for run {RunId}.")]
    private partial void LogFailed(string observer, RunId runId, Exception exception);
}

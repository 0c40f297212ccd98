using Microsoft.Extensions.Logging;

namespace Weft.Runs;

/// <summary>
/// Takes up the runs that nobody executes: those that a server left behind, and those that this one could not go on with. Each
/// unfinished run in the database belongs to its thread's coordinator, or is taken up.
/// </summary>
internal sealed partial class RunRecovery(
    IRunStore runs, RunEnding ending, RunObservers observers, RunDispatcher dispatcher, RunStreams streams, RunsOptions options, TimeProvider time, ILogger<RunRecovery> logger)
    : IDisposable
{
    private const int PageSize = 1_000;

    private readonly SemaphoreSlim _signal = new(0, 1);
    private int _suspicions = 1;
    private int _cleared;

    /// <summary>Whether the coordinators are known to have all unfinished runs.</summary>
    public bool IsSettled => Volatile.Read(ref _cleared) == Volatile.Read(ref _suspicions);

    public void Dispose() => _signal.Dispose();

    /// <summary>Says that some unfinished run may belong to nobody.</summary>
    public void Suspect()
    {
        Interlocked.Increment(ref _suspicions);
        try
        {
            _signal.Release();
        }
        catch (SemaphoreFullException)
        {
            // It is known already.
        }
    }

    /// <summary>Waits for the gate of a thread whose unfinished runs its coordinator has, all of them.</summary>
    public ValueTask<ThreadGates.Lease> EnterAsync(ThreadId threadId, CancellationToken cancellationToken) =>
        IsSettled || dispatcher.IsStopping ? dispatcher.Gates.EnterAsync(threadId, cancellationToken) : EnterComparedAsync(threadId, cancellationToken);

    /// <summary>As <see cref="EnterAsync"/>, and looks into the database also when nothing is suspected.</summary>
    public async ValueTask<ThreadGates.Lease> EnterComparedAsync(ThreadId threadId, CancellationToken cancellationToken)
    {
        var ended = new List<RunEnd>();
        var lease = await dispatcher.Gates.EnterAsync(threadId, cancellationToken);
        try
        {
            await TakeUpAsync(threadId, lease.Coordinator, ended, cancellationToken);
        }
        catch
        {
            lease.Dispose();
            await TellAsync(ended);
            throw;
        }

        if (ended.Count == 0)
        {
            return lease;
        }

        // Observers are told outside of the gate.
        lease.Dispose();
        await TellAsync(ended);
        return await dispatcher.Gates.EnterAsync(threadId, cancellationToken);
    }

    /// <summary>Takes up all that nobody has; false when that failed for some, and is to be tried again.</summary>
    public async Task<bool> TryTakeUpAllAsync(CancellationToken cancellationToken)
    {
        var suspicions = Volatile.Read(ref _suspicions);
        Exception? failure = null;
        try
        {
            UnfinishedThread? last = null;
            do
            {
                var page = await runs.ListUnfinishedThreadsAsync(last, PageSize, cancellationToken);
                foreach (var thread in page)
                {
                    try
                    {
                        (await EnterComparedAsync(thread.ThreadId, cancellationToken)).Dispose();
                    }
                    catch (Exception e) when (!cancellationToken.IsCancellationRequested)
                    {
                        failure ??= e;
                    }
                }

                last = page.Count == PageSize ? page[^1] : null;
            }
            while (last is not null);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            failure = e;
        }

        if (failure is not null)
        {
            LogNotTakenUp(failure.Message, failure is StorageUnavailableException ? null : failure);
            return false;
        }

        Volatile.Write(ref _cleared, suspicions);
        return true;
    }

    /// <summary>Takes up what nobody has whenever there may be something, until it is stopped.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var backoff = new Backoff(time);
        while (!stop.IsCancellationRequested)
        {
            if (IsSettled)
            {
                backoff = new Backoff(time);
                await _signal.WaitAsync(stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            else if (dispatcher.IsStopping || !await TryTakeUpAllAsync(stop))
            {
                await backoff.WaitAsync(stop);
            }
        }
    }

    /// <summary>
    /// Gives the coordinator the thread's unfinished runs that it does not have, each in its place, and the first its turn. The
    /// caller holds the gate, and tells observers of those that have ended instead when it does not any more.
    /// </summary>
    public async Task TakeUpAsync(ThreadId threadId, ThreadCoordinator coordinator, List<RunEnd> ended, CancellationToken cancellationToken)
    {
        var unfinished = await runs.ListUnfinishedAsync(threadId, cancellationToken);
        if (unfinished.Count == coordinator.InFlight().Count && unfinished.All(run => coordinator.Find(run.RunId) is not null))
        {
            return;
        }

        var inOrder = new List<ActiveRun>(unfinished.Count);
        foreach (var record in unfinished)
        {
            if (coordinator.Find(record.RunId) is { } owned)
            {
                inOrder.Add(owned);
            }
            else if (await ReopenAsync(record, unfinished.Count == 1, ended, cancellationToken) is { } run)
            {
                inOrder.Add(run);
                LogTakenUp(run.RunId, threadId);
            }
        }

        coordinator.Restore(inOrder);
        dispatcher.Dispatch(threadId, coordinator);
    }

    /// <summary>Returns the run, ready to be executed; null when it was ended instead, as one that can't be read, or that was begun too often.</summary>
    private async Task<ActiveRun?> ReopenAsync(RunRecord record, bool isAlone, List<RunEnd> ended, CancellationToken cancellationToken)
    {
        RunSpec spec;
        try
        {
            spec = RunKwargs.Read(record);
        }
        catch (UnreadableRunException e)
        {
            LogUnreadable(record.RunId, e);
            ended.Add(await ending.FailAsync(record, new RunFailure("UnreadableRunError", e.Message)));
            return null;
        }

        var crashes = record.Status == RunStatus.Running ? await runs.CountCrashesAsync(record.Key, cancellationToken) : 0;
        var moment = Moment.Of(time);
        var run = new ActiveRun(
            record, spec.KeepThread ? spec : spec with { ThreadId = null }, await streams.ReopenAsync(record, spec, cancellationToken), isStarted: false)
        {
            DueUptime = record.NotBefore is { } notBefore ? moment.UptimeAt(notBefore) : null,
            IsSuspect = crashes > 1,
        };
        if (crashes < options.AttemptsMax || record.CancelRequest is not null)
        {
            return run;
        }

        var failure = new RunFailure("AttemptsExhaustedError", $"The run was begun {crashes} times, and each time its server died before anything was stored.");
        ended.Add(await ending.FailAsync(run, failure, isAlone));
        return null;
    }

    private async Task TellAsync(List<RunEnd> ended)
    {
        foreach (var end in ended)
        {
            await observers.EndedAsync(end);
        }
    }

    [LoggerMessage(LogLevel.Information, "Took up run {RunId} of thread {ThreadId}.")]
    private partial void LogTakenUp(RunId runId, ThreadId threadId);

    [LoggerMessage(LogLevel.Error, "Run {RunId} can't be read and ends as failed.")]
    private partial void LogUnreadable(RunId runId, Exception exception);

    [LoggerMessage(LogLevel.Error, "Unfinished runs could not be taken up; they are tried again soon. {Reason}")]
    private partial void LogNotTakenUp(string reason, Exception? exception);
}

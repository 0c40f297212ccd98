using Microsoft.Extensions.Logging;

namespace Weft.Runs;

/// <summary>Gives a thread's coordinator the unfinished runs of the thread that it does not have.</summary>
internal sealed partial class RunTakeover(
    IRunStore runs,
    ThreadClaims claims,
    RunEnding ending,
    RunStreams streams,
    AssistantDirectory assistants,
    RunsOptions options,
    SharedClock time,
    SafeLogger<RunTakeover> logger)
{
    /// <summary>Takes over the unfinished runs that the coordinator does not have, each at its place in the order.</summary>
    /// <exception cref="ThreadElsewhereException">Another server has them.</exception>
    public async Task TakeOverAsync(ThreadTurn turn, CancellationToken cancellationToken)
    {
        var unfinished = await runs.ListUnfinishedRunsAsync(turn.ThreadId, cancellationToken);
        if (claims.AreShared && unfinished.Any(run => turn.Runs.Find(run.RunId) is null))
        {
            await claims.ClaimAsync(turn.ThreadId, cancellationToken);
            unfinished = await runs.ListUnfinishedRunsAsync(turn.ThreadId, cancellationToken);
        }

        if (unfinished.Count != turn.Runs.InFlight().Count || unfinished.Any(run => turn.Runs.Find(run.RunId) is null))
        {
            var inOrder = new List<ActiveRun>(unfinished.Count);
            var failed = new List<(ActiveRun Run, RunEnd End)>();
            foreach (var (runId, owner, _, _) in unfinished)
            {
                // One after the other, because their inputs may be large.
                if (turn.Runs.Find(runId) is { } known)
                {
                    inOrder.Add(known);
                }
                else if (await runs.FindAsync(new Actor(owner), runId, cancellationToken) is { } record
                    && record.Status is RunStatus.Pending or RunStatus.Running)
                {
                    inOrder.Add(await ReopenAsync(turn, record, failed, cancellationToken));
                }
            }

            turn.Runs.Restore(inOrder);
            foreach (var (run, end) in failed)
            {
                await ending.EndAsync(turn, run, end);
            }
        }

        turn.Session.Resume();
    }

    private async Task<ActiveRun> ReopenAsync(
        ThreadTurn turn, RunRecord record, List<(ActiveRun Run, RunEnd End)> failed, CancellationToken cancellationToken)
    {
        var (spec, unreadable) = Read(record);
        var crashes = record.Status == RunStatus.Running ? await runs.CountCrashesAsync(record.Key, cancellationToken) : 0;
        var exhausted = crashes < options.AttemptsMax || record.CancelRequest is not null
            ? null
            : new RunFailure(
                "AttemptsExhaustedError",
                $"The run was begun {crashes} times, and each time its server died before anything was stored.");
        var run = new ActiveRun(record, spec, await streams.ReopenAsync(record, spec, cancellationToken), turn.Session, isStarted: false)
        {
            DueUptime = record.NotBefore is { } notBefore ? Moment.Of(time).UptimeAt(notBefore) : null,
            IsSuspect = crashes > 1,
            // A single server ends the run. In a cluster another version may have the graph, as during an update.
            IsForeign = claims.AreShared && unreadable is null && record.CancelRequest is null
                && !assistants.Has(record.AssistantId, spec.GraphId),
        };
        if (unreadable is null)
        {
            run.EvictInput();
        }

        if ((unreadable ?? exhausted) is { } failure)
        {
            failed.Add((run, RunEnd.Failed(failure, time.GetUtcNow()) with { DropsInput = unreadable is not null }));
        }
        else if (run.IsForeign)
        {
            LogForeign(run.RunId, turn.ThreadId);
        }
        else
        {
            LogTakenOver(run.RunId, turn.ThreadId);
        }

        return run;
    }

    private (RunSpec Spec, RunFailure? Unreadable) Read(RunRecord record)
    {
        try
        {
            var spec = RunKwargs.Read(record);
            return (spec.KeepThread ? spec : spec with { ThreadId = null }, null);
        }
        catch (UnreadableRunException e)
        {
            LogUnreadable(record.RunId, e);
            var spec = new RunSpec { AssistantId = record.AssistantId, ThreadId = record.ThreadId, KeepThread = true };
            return (spec, new RunFailure("UnreadableRunError", e.Message));
        }
    }

    [LoggerMessage(1, LogLevel.Information, "Took over run {RunId} of thread {ThreadId}.")]
    private partial void LogTakenOver(RunId runId, ThreadId threadId);

    [LoggerMessage(
        2,
        LogLevel.Warning,
        "Took over run {RunId} of thread {ThreadId}, but its graph is not served here. "
            + "It waits for a server of the cluster that has the graph.")]
    private partial void LogForeign(RunId runId, ThreadId threadId);

    [LoggerMessage(3, LogLevel.Error, "Run {RunId} can't be read and ends as failed.")]
    private partial void LogUnreadable(RunId runId, Exception exception);
}

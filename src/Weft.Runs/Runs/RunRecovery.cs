namespace Weft.Runs;

/// <summary>Takes up runs that a server left unfinished.</summary>
internal sealed class RunRecovery(IRunStore runs, ThreadStandings standings, RunObservers observers, RunDispatcher dispatcher, RunStreams streams, RunsOptions options, TimeProvider time)
{
    /// <summary>Puts a run back in its thread's queue; one that was begun too often is ended. One that is to be cancelled ends when it is its turn.</summary>
    public async Task RecoverAsync(RunRecord record, CancellationToken cancellationToken)
    {
        if (await TryTakeUpAsync(record, cancellationToken) is { } end)
        {
            await observers.EndedAsync(end);
        }
    }

    private async Task<RunEnd?> TryTakeUpAsync(RunRecord record, CancellationToken cancellationToken)
    {
        using var lease = await dispatcher.Gates.EnterAsync(record.ThreadId, cancellationToken);
        if (lease.Coordinator.Find(record.RunId) is not null)
        {
            return null;
        }

        var spec = RunKwargs.Read(record);
        var stream = await streams.ReopenAsync(record, spec, cancellationToken);
        var run = new ActiveRun(record, spec.KeepThread ? spec : spec with { ThreadId = null }, stream, isStarted: false);
        if (record is { Status: RunStatus.Running, CancelRequest: null } && record.Attempt - record.Released >= options.AttemptsMax)
        {
            return await GiveUpAsync(run);
        }

        lease.Coordinator.Add(run);
        dispatcher.Dispatch(record.ThreadId, lease.Coordinator);
        return null;
    }

    private async Task<RunEnd> GiveUpAsync(ActiveRun run)
    {
        var failure = new RunFailure("AttemptsExhaustedError", $"The run was begun {run.Record.Attempt - run.Record.Released} times, and each time its server died.");
        var now = time.GetUtcNow();
        var first = run.Stream.NextSeq;
        RunEvent[] events =
        [
            new(first, RunEvents.Error, RunPayloads.Error(failure.Name, failure.Message), now),
            new(first + 1, RunEvents.End, RunPayloads.End(run.RunId, RunStatus.Error), now),
        ];
        await runs.TryFinishAsync(
            new RunFinish
            {
                ThreadId = run.ThreadId,
                RunId = run.RunId,
                Attempt = run.Record.Attempt,
                Status = RunStatus.Error,
                Error = failure.Message,
                Thread = await standings.OutcomeAsync(run.Record) with { Status = ThreadStatus.Error, Error = failure.Message, StateChanged = false },
                StreamEvents = run.Spec.StreamResumable ? RunSink.ToRecords(events) : [],
                Now = now,
            },
            CancellationToken.None);
        run.Stream.Append(events);
        streams.Begin(run.Stream);
        streams.Retire(run.Stream);
        var outcome = new RunOutcome(RunStatus.Error, null, null, failure);
        run.End(outcome);
        return new RunEnd(run.Record with { Status = RunStatus.Error, Error = failure.Message, UpdatedAt = now }, outcome);
    }
}

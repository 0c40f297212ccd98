namespace Weft.Runs;

/// <summary>Admits new runs: checks each against its thread, stores it, then adds it to the thread's coordinator.</summary>
internal sealed class RunAdmission(
    IRunStore runs,
    IThreadStore threads,
    ICheckpointStore checkpoints,
    AssistantDirectory assistants,
    AssistantFinder finder,
    RunPlanner planner,
    QuestionCheck questions,
    RunCancellation cancellation,
    RunTakeover takeover,
    ThreadClaims claims,
    RunBacklog backlog,
    RunScheduler scheduler,
    RunStreams streams,
    ThreadHeadCache heads,
    EventFeed feed,
    RunsOptions options,
    SharedClock time)
{
    /// <summary>Admits one run. It is stored when this returns.</summary>
    /// <param name="turn">The turn of the thread.</param>
    /// <param name="actor">The actor of the call.</param>
    /// <param name="spec">What the run does.</param>
    /// <param name="runId">The id of the new run.</param>
    /// <param name="isRepeated">
    /// Whether another home of the thread was called before. If it is gone, this server becomes the home.
    /// </param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="RepeatedRunException">An earlier request with the same key has created the run.</exception>
    /// <exception cref="ThreadElsewhereException">Another server is the home of the thread.</exception>
    public async Task<IRunHandle> AdmitAsync(
        ThreadTurn turn, Actor actor, RunSpec spec, RunId runId, bool isRepeated, CancellationToken cancellationToken)
    {
        if (spec.Request is { } given && actor.Scope is { } scope)
        {
            // Users of one actor who do not see the same threads do not share keys.
            spec = spec with { Request = given with { Key = $"{scope.Threads} {given.Key}" } };
        }

        // Again if the thread has changed between the check and the write.
        while (true)
        {
            if (spec.Request is { } request)
            {
                await EnsureNewAsync(actor, request, cancellationToken);
            }

            var admitted = await CheckAsync(turn, actor, spec, runId, isRepeated, cancellationToken);
            switch (await CreateAsync(turn, actor, admitted))
            {
                case RunCreated.Created:
                    heads.Admit(admitted.Thread ?? admitted.Creation.NewThread!, isCurrent: admitted.HeadIsCurrent);
                    var run = Add(turn, admitted);
                    foreach (var earlier in admitted.Admission.Cancelled)
                    {
                        var replaced = new CancelRequest(admitted.Admission.Action, "Another run took its place.");
                        await cancellation.CancelAsync(turn, earlier, replaced);
                    }

                    return run;
                case RunCreated.ThreadChanged when admitted.Creation.Assistant is not null:
                    finder.Forget(actor, admitted.Creation.Run.AssistantId);
                    break;
                case RunCreated.ThreadChanged when claims.AreShared && admitted.Creation.Run.Status == RunStatus.Running:
                    // The new run is queued behind unfinished ones of which this server does not know.
                    await takeover.TakeOverAsync(turn, cancellationToken);
                    break;
                case RunCreated.ThreadMissing:
                    throw WeftException.ThreadNotFound(turn.ThreadId);
                case RunCreated.CronChanged:
                    throw new CronChangedException(spec.Cron!.CronId);
                case RunCreated.Elsewhere:
                    // A home that is gone is replaced by this server.
                    await claims.ClaimAsync(turn.ThreadId, cancellationToken);
                    await takeover.TakeOverAsync(turn, cancellationToken);
                    break;
            }
        }
    }

    /// <summary>Admits runs, each on a new thread: all of them, or none.</summary>
    public async Task<IReadOnlyList<IRunHandle>> AdmitAllAsync(
        IReadOnlyList<ThreadTurn> turns, Actor actor, IReadOnlyList<RunSpec> specs, CancellationToken cancellationToken)
    {
        backlog.Admit(actor.Id, specs.Count);
        var admitted = new List<NewRun>(specs.Count);
        try
        {
            for (var i = 0; i < specs.Count; i++)
            {
                admitted.Add(await CheckAtAsync(turns[i], actor, specs[i], i, cancellationToken));
            }

            await runs.CreateAllAsync([.. admitted.Select(run => run.Creation)], CancellationToken.None);
        }
        catch (Exception e)
        {
            if (e is StorageUnavailableException { Fault: StorageFault.Failing })
            {
                // As below.
                turns[0].Session.Suspect();
            }

            backlog.Remove(actor.Id, specs.Count);
            throw;
        }

        return [.. admitted.Select((run, i) => Add(turns[i], run))];
    }

    private async Task<NewRun> CheckAtAsync(ThreadTurn turn, Actor actor, RunSpec spec, int index, CancellationToken cancellationToken)
    {
        try
        {
            return await CheckAsync(turn, actor, spec, RunId.New(time), isRepeated: false, cancellationToken);
        }
        catch (WeftException e) when (e.Field is not null)
        {
            throw new WeftException(e.Kind, e.Message, $"[{index}].{e.Field}");
        }
    }

    /// <summary>Stores the run and counts it, so that runs that are created at the same time do not pass a limit together.</summary>
    private async Task<RunCreated> CreateAsync(ThreadTurn turn, Actor actor, NewRun run)
    {
        // A run that cancels the others does not wait behind them.
        if (run.Admission.Cancelled.Count == 0)
        {
            backlog.Admit(actor.Id, 1);
        }
        else
        {
            backlog.Add(actor.Id);
        }

        var created = default(RunCreated?);
        try
        {
            created = await runs.CreateAsync(run.Creation, CancellationToken.None);
            return created.Value;
        }
        catch (StorageUnavailableException e) when (e.Fault == StorageFault.Failing)
        {
            // The run may be stored although there was no answer. Then it comes before those that are created later.
            turn.Session.Suspect();
            throw;
        }
        finally
        {
            if (created != RunCreated.Created)
            {
                backlog.Remove(actor.Id);
            }
        }
    }

    /// <summary>
    /// Checks that no run has the key of the request. A request without a thread that was sent twice at once is found when it is
    /// stored, and here afterwards.
    /// </summary>
    private async Task EnsureNewAsync(Actor actor, RequestKey request, CancellationToken cancellationToken)
    {
        if (await runs.FindRepeatedAsync(actor, request, cancellationToken) is { } earlier)
        {
            if (actor.Scope is not null)
            {
                _ = await threads.FindAsync(actor, earlier.Run.ThreadId, cancellationToken)
                    ?? throw WeftException.ThreadNotFound(earlier.Run.ThreadId);
            }

            throw earlier.BodyHash == request.BodyHash
                ? new RepeatedRunException(earlier.Run)
                : new WeftException(
                    ProblemKind.Invalid, "This key was used for a request with another body.", "header.Idempotency-Key");
        }
    }

    private async Task<NewRun> CheckAsync(
        ThreadTurn turn, Actor actor, RunSpec spec, RunId runId, bool isRepeated, CancellationToken cancellationToken)
    {
        var threadId = turn.ThreadId;
        spec = OfActor(spec, actor);
        var thread = spec.ThreadId is null ? null : await threads.FindAsync(actor, threadId, cancellationToken);
        if (spec.ThreadId is not null && thread is null && !(spec.CreateThread && turn.Runs.IsIdle))
        {
            // If the thread has runs, it belongs to another actor. Reporting it as busy would reveal that it exists.
            throw WeftException.ThreadNotFound(threadId);
        }

        if (thread is not null && turn.Runs.IsIdle && !isRepeated)
        {
            claims.EnsureHere(thread);
        }

        if (thread?.Status == ThreadStatus.Busy && turn.Runs.IsIdle)
        {
            // The thread has an unfinished run that no server executes. The new run is queued behind it.
            await takeover.TakeOverAsync(turn, cancellationToken);
        }

        // Whether interrupts wait is read from the thread, which must not change before the run is stored.
        var reliesOnThread = spec.Questions is QuestionRule.AnswersOpen && turn.Runs.IsIdle;
        if (spec.Questions != QuestionRule.None && thread is not null)
        {
            var given = spec.Command;
            spec = await questions.ApplyAsync(turn, thread, spec, cancellationToken);
            reliesOnThread |= spec.Command is not null && given is null;
        }

        var admission = Admit(turn, spec);
        if (spec.CheckpointId is not null
            && (!CheckpointId.TryParse(spec.CheckpointId, null, out var id)
                || await checkpoints.FindAsync(threadId, "", id, cancellationToken) is null))
        {
            throw new WeftException(ProblemKind.NotFound, $"Thread {threadId} has no checkpoint {spec.CheckpointId}", "checkpoint_id");
        }

        if (streams.Threads.IsFollowed(threadId))
        {
            // Its events are stored, because readers of a thread's log expect them to be kept.
            spec = spec with { RecordsThreadEvents = true, StreamResumable = true };
        }

        var (resolved, plan, remembered) = await PlanAsync(actor, spec, thread, cancellationToken);
        // A run that may start at once is stored as started, which saves a commit.
        var startsNow = turn.Runs.IsIdle && spec.After is null && scheduler.HasRoom(actor.Id);
        var isCurrent = thread is not null && heads.IsCurrent(thread);
        var creation = Creation(actor, resolved, runId, threadId, thread, plan.Assistant, startsNow) with
        {
            ThreadVersion = isCurrent || reliesOnThread ? thread!.Version : null,
            Assistant = remembered,
        };
        return new NewRun(creation, thread, resolved, plan, admission, isCurrent);
    }

    /// <summary>
    /// Resolves the assistant and the configuration. A run is refused only for what was read: another server may have changed what
    /// this one remembers.
    /// </summary>
    private async ValueTask<(RunSpec Resolved, RunPlan Plan, RememberedAssistant? Remembered)> PlanAsync(
        Actor actor, RunSpec spec, ThreadRecord? thread, CancellationToken cancellationToken)
    {
        for (var remembers = thread is not null; ;)
        {
            try
            {
                var (assistant, remembered) = await finder.GetForRunAsync(
                    actor, spec.AssistantId, spec.GraphId, remembers, cancellationToken);
                var (resolved, plan) = planner.Resolve(actor, spec, thread, assistant);
                return (resolved, plan, remembered);
            }
            catch (WeftException) when (remembers)
            {
                remembers = false;
            }
        }
    }

    /// <summary>Returns the specification with what the actor adds to it: metadata, and who it is.</summary>
    private static RunSpec OfActor(RunSpec spec, Actor actor) => actor is { Scope: null, DisplayName: null, Permissions.Count: 0 }
        ? spec
        : spec with { Metadata = actor.Stamped(spec.Metadata), Headers = RunUser.AddTo(spec.Headers, actor) };

    private Admission Admit(ThreadTurn turn, RunSpec spec)
    {
        var admission = turn.Runs.Admit(spec.MultitaskStrategy);
        if (!admission.IsAdmitted)
        {
            throw new WeftException(
                ProblemKind.Conflict,
                $"Thread {turn.ThreadId} already has a run that has not ended. Wait for it, or choose another multitask strategy.",
                "multitask_strategy");
        }

        // A run that cancels the others does not wait behind them.
        if (admission.Cancelled.Count == 0 && turn.Runs.Pending.Count >= options.QueuedRunsPerThreadMax)
        {
            throw new WeftException(
                ProblemKind.Conflict,
                $"Thread {turn.ThreadId} has {turn.Runs.Pending.Count} waiting runs, which is the maximum. Try again later.");
        }

        return admission;
    }

    private RunCreation Creation(
        Actor actor,
        RunSpec spec,
        RunId runId,
        ThreadId threadId,
        ThreadRecord? thread,
        AssistantRecord assistant,
        bool startsNow)
    {
        var now = time.GetUtcNow();
        var metadata = RunMetadata.OfThread(assistant);
        return new RunCreation
        {
            Actor = actor,
            Run = new RunRecord
            {
                RunId = runId,
                ThreadId = threadId,
                Owner = actor.Id,
                AssistantId = assistant.AssistantId,
                Status = startsNow ? RunStatus.Running : RunStatus.Pending,
                Attempt = startsNow ? 1 : 0,
                StartOrder = startsNow ? (thread?.RunsStarted ?? 0) + 1 : 0,
                Metadata = RunMetadata.OfRun(spec, assistant, thread, metadata),
                MultitaskStrategy = spec.MultitaskStrategy,
                Kwargs = RunKwargs.Write(spec),
                Headers = spec.Headers?.GetRawText(),
                NotBefore = now + spec.After,
                StartedAt = startsNow ? now : null,
                CreatedAt = now,
                UpdatedAt = now,
            },
            NewThread = spec.CreateThread && thread is null
                ? new ThreadRecord
                {
                    ThreadId = threadId,
                    Owner = actor.Id,
                    Metadata = actor.Stamped(
                        spec is { ThreadId: null, KeepThread: false } ? metadata : RunMetadata.OfNewThread(spec, assistant)),
                    CreatedAt = now,
                    UpdatedAt = now,
                }
                : null,
            ThreadMetadata = thread is null ? null : MetadataChange.Merge(thread.Metadata, metadata),
            GraphConfig = assistants.FindGraph(assistant.GraphId) is { IsFixed: true } ? null : spec.Config.GetRawText(),
            Cron = spec.Cron,
            Request = spec.Request,
        };
    }

    private IRunHandle Add(ThreadTurn turn, NewRun stored)
    {
        var record = stored.Creation.Run;
        var stream = streams.Create(record, stored.Spec, stored.Creation.NewThread);
        var run = new ActiveRun(record, stored.Spec, stream, turn.Session, isStarted: record.Status == RunStatus.Running)
        {
            DueUptime = Moment.Of(time).Uptime + stored.Spec.After,
            Plan = stored.Plan,
            Origin = RunSpans.CurrentContext(),
        };
        turn.Runs.Add(run);
        if (stored.Creation.NewThread is { } thread)
        {
            feed.Publish(new FeedEvent(FeedEventKind.ThreadCreated, thread.Owner, record.CreatedAt) { ThreadId = thread.ThreadId });
        }

        feed.Publish(FeedEvent.Of(FeedEventKind.RunCreated, record, RunStatus.Pending, record.CreatedAt));
        return record.Status == RunStatus.Pending ? run.EvictInput() : run;
    }

    /// <summary>A checked run that can be stored.</summary>
    private readonly record struct NewRun(
        RunCreation Creation, ThreadRecord? Thread, RunSpec Spec, RunPlan Plan, Admission Admission, bool HeadIsCurrent);
}

namespace Weft.Runs;

/// <summary>The operations on crons: create, change, look up, delete.</summary>
public sealed class CronsFacade
{
    private readonly ICronStore _crons;
    private readonly AssistantFinder _assistants;
    private readonly RunPlanner _planner;
    private readonly CronSignal _signal;
    private readonly TimeProvider _time;
    private readonly ICronRequests? _requests;

    internal CronsFacade(
        ICronStore crons,
        AssistantFinder assistants,
        RunPlanner planner,
        CronSignal signal,
        TimeProvider time,
        ICronRequests? requests)
    {
        _crons = crons;
        _assistants = assistants;
        _planner = planner;
        _signal = signal;
        _time = time;
        _requests = requests;
    }

    /// <summary>Adds a cron, with its owner, its times and its next run filled in. It is stored when this returns.</summary>
    /// <exception cref="WeftException">The schedule, the time zone, the end or the request is not valid.</exception>
    public async Task<CronRecord> CreateAsync(Actor actor, CronRecord cron, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(actor);
        ArgumentNullException.ThrowIfNull(cron);
        var now = _time.GetUtcNow();
        EnsureEndsLater(cron, now);
        await EnsureRunnableAsync(actor, cron, cancellationToken);
        var created = Scheduled(OfActor(cron, actor) with { Owner = actor.Id, CreatedAt = now, UpdatedAt = now }, now);
        await _crons.CreateAsync(created, cancellationToken);
        _signal.Set();
        return created;
    }

    /// <summary>
    /// Changes a cron. A change of its schedule, its time zone or its end, and enabling it, count its next run from now; other
    /// changes do not affect when it is due.
    /// </summary>
    /// <param name="actor">The actor of the call.</param>
    /// <param name="cronId">The cron.</param>
    /// <param name="change">Returns the changed cron. It is called again if the cron was changed in the meantime.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="WeftException">The actor has no such cron, or the change is not valid.</exception>
    public async Task<CronRecord> ChangeAsync(
        Actor actor, CronId cronId, Func<CronRecord, CronRecord> change, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(change);
        while (true)
        {
            var cron = await GetAsync(actor, cronId, cancellationToken);
            var now = _time.GetUtcNow();
            var changed = OfActor(change(cron), actor) with { UpdatedAt = now };
            if (changed.EndTime != cron.EndTime)
            {
                EnsureEndsLater(changed, now);
            }

            if (!changed.Payload.Equals(cron.Payload))
            {
                await EnsureRunnableAsync(actor, changed, cancellationToken);
            }

            if ((changed.Schedule, changed.TimeZone, changed.EndTime, changed.IsEnabled)
                != (cron.Schedule, cron.TimeZone, cron.EndTime, cron.IsEnabled))
            {
                changed = Scheduled(changed, now);
            }

            switch (await _crons.UpdateAsync(changed, cancellationToken))
            {
                case WriteResult.Applied:
                    _signal.Set();
                    return changed;
                case WriteResult.Missing:
                    throw NotFound(cronId);
            }
        }
    }

    /// <summary>Removes a cron. Runs that it has created are kept.</summary>
    /// <exception cref="WeftException">The actor has no such cron.</exception>
    public async Task DeleteAsync(Actor actor, CronId cronId, CancellationToken cancellationToken)
    {
        if (!await _crons.DeleteAsync(actor, cronId, cancellationToken))
        {
            throw NotFound(cronId);
        }
    }

    /// <summary>Returns the cron.</summary>
    /// <exception cref="WeftException">The actor has no such cron.</exception>
    public async Task<CronRecord> GetAsync(Actor actor, CronId cronId, CancellationToken cancellationToken) =>
        await _crons.FindAsync(actor, cronId, cancellationToken) ?? throw NotFound(cronId);

    /// <summary>Returns a page of the actor's crons that match, with the number of all matches.</summary>
    public async Task<Page<CronRecord>> SearchAsync(Actor actor, CronQuery query, CancellationToken cancellationToken)
    {
        var page = await OpenSearchAsync(actor, query, cancellationToken);
        return new Page<CronRecord>(await page.ReadAllAsync(cancellationToken), page.Total);
    }

    /// <summary>
    /// Returns a page of the actor's crons that match, which are read as the caller gets to them, with the number of all matches.
    /// </summary>
    public Task<LazyPage<CronRecord>> OpenSearchAsync(Actor actor, CronQuery query, CancellationToken cancellationToken) =>
        _crons.OpenSearchAsync(actor, query, cancellationToken);

    private static CronRecord OfActor(CronRecord cron, Actor actor) =>
        cron with { Metadata = actor.Stamped(cron.Metadata), Access = ActorJson.OfRuns(actor) };

    /// <summary>Returns the cron with the time of its next run after <paramref name="now"/>.</summary>
    private static CronRecord Scheduled(CronRecord cron, DateTimeOffset now)
    {
        var next = CronSchedule.Parse(cron.Schedule, cron.TimeZone).NextAfter(now)
            ?? throw new WeftException(ProblemKind.Invalid, $"'{cron.Schedule}' never occurs.", "schedule");
        return cron with { NextRunAt = cron.IsEnabled && !(next > cron.EndTime) ? next : null };
    }

    /// <summary>Checks what a client learns when it posts a run: whether the graph accepts the request.</summary>
    private async Task EnsureRunnableAsync(Actor actor, CronRecord cron, CancellationToken cancellationToken)
    {
        if (_requests?.Read(cron) is { } spec)
        {
            _planner.Resolve(actor, spec, thread: null, await _assistants.GetAsync(actor, spec.AssistantId, cancellationToken));
        }
    }

    private static void EnsureEndsLater(CronRecord cron, DateTimeOffset now)
    {
        if (cron.EndTime <= now)
        {
            throw new WeftException(ProblemKind.Invalid, "It must be in the future.", "end_time");
        }
    }

    private static WeftException NotFound(CronId cronId) => new(ProblemKind.NotFound, $"Cron {cronId} not found");
}

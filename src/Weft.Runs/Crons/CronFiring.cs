using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>Creates the runs of crons that are due.</summary>
internal sealed partial class CronFiring(
    ICronStore crons,
    IThreadStore threads,
    AssistantFinder assistants,
    AssistantDirectory graphs,
    RunsFacade runs,
    EventFeed feed,
    RunsOptions options,
    SharedClock time,
    ServerIdentity server,
    SafeLogger<CronFiring> logger,
    ICronRequests? requests = null)
{
    /// <summary>Whether a server is present that reads the requests of crons.</summary>
    public bool IsAvailable => requests is not null;

    /// <summary>
    /// Creates the run of a cron that is due, and steps the cron to its next run in the same transaction. If several runs are
    /// overdue, only the last one is created, and none that is older than <see cref="RunsOptions.CronGrace"/>.
    /// </summary>
    public async Task<CronResult> TryFireAsync(CronRecord cron, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        try
        {
            var schedule = CronSchedule.Parse(cron.Schedule, cron.TimeZone);
            var next = schedule.NextAfter(now);
            var step = new CronStep(cron.CronId, cron.Version, next > cron.EndTime ? null : next);
            if (LastDue(schedule, cron, now) is not { } due)
            {
                if (await TryUpdateAsync(cron with { NextRunAt = step.NextRunAt }, cancellationToken))
                {
                    LogMissed(cron.CronId, cron.NextRunAt, options.CronGrace);
                }

                return CronResult.Handled;
            }

            return await TryCreateRunAsync(cron, step, due, cancellationToken);
        }
        catch (WeftException e)
        {
            // Its schedule was valid when it was stored, but the system has lost the time zone.
            return await DisableAsync(cron, e.Message, cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            LogFailed(cron.CronId, e.Message, e is StorageUnavailableException ? null : e);
            return CronResult.Delayed;
        }
    }

    /// <summary>
    /// Whether another server may have the graph of a cron that this one does not have, as during an update. A single server is the only
    /// one.
    /// </summary>
    private async Task<bool> IsForeignAsync(CronRecord cron, CancellationToken cancellationToken)
    {
        if (server.Key is null)
        {
            return false;
        }

        // An assistant that is neither stored nor a graph's here was deleted, or is that of a graph which other servers have.
        var assistant = await assistants.FindAsync(ActorJson.Read(cron.Owner, cron.Access), cron.AssistantId, cancellationToken);
        return assistant is null ? AssistantIds.MayBeOfGraph(cron.AssistantId) : graphs.FindGraph(assistant.GraphId) is null;
    }

    private async Task<CronResult> DisableAsync(CronRecord cron, string reason, CancellationToken cancellationToken)
    {
        var disabled = cron with { IsEnabled = false, NextRunAt = null, UpdatedAt = time.GetUtcNow() };
        if (await TryUpdateAsync(disabled, cancellationToken))
        {
            LogDisabled(cron.CronId, reason);
        }

        return CronResult.Handled;
    }

    /// <summary>Returns false if the cron has changed, for instance because another server has created the run.</summary>
    private async Task<bool> TryUpdateAsync(CronRecord cron, CancellationToken cancellationToken) =>
        await crons.UpdateAsync(cron, cancellationToken) == WriteResult.Applied;

    private DateTimeOffset? LastDue(CronSchedule schedule, CronRecord cron, DateTimeOffset now)
    {
        var oldest = now - options.CronGrace;
        return schedule.LastBetween(
            cron.NextRunAt > oldest ? cron.NextRunAt.Value : oldest, cron.EndTime < now ? cron.EndTime.Value : now);
    }

    private async Task<CronResult> TryCreateRunAsync(
        CronRecord cron, CronStep step, DateTimeOffset due, CancellationToken cancellationToken)
    {
        RunSpec? spec = null;
        try
        {
            if (await IsForeignAsync(cron, cancellationToken))
            {
                return CronResult.Foreign;
            }

            spec = requests!.Read(cron) with { Cron = step, Metadata = MetadataOf(cron, due) };
            var run = await runs.CreateBackgroundAsync(ActorJson.Read(cron.Owner, cron.Access), spec, cancellationToken);
            LogFired(cron.CronId, run.RunId, due);
            feed.Publish(FeedEvent.Of(FeedEventKind.CronFired, run, null, feed.Now) with { CronId = cron.CronId });
            return CronResult.Handled;
        }
        catch (CronChangedException)
        {
            return CronResult.Handled;
        }
        catch (WeftException e) when (e is { Kind: ProblemKind.Overloaded, IsOfActor: false } or { Kind: ProblemKind.Unavailable })
        {
            LogDelayed(cron.CronId, e.Message);
            return CronResult.Delayed;
        }
        catch (WeftException e) when (e.Kind == ProblemKind.NotFound && spec is not null)
        {
            if (await IsOrphanAsync(spec, ActorJson.Read(cron.Owner, cron.Access), cancellationToken))
            {
                return await DisableAsync(cron, e.Message, cancellationToken);
            }

            if (server.Key is not null && e.Field == "assistant_id")
            {
                // The run was sent to a server that lacks its graph.
                LogDelayed(cron.CronId, e.Message);
                return CronResult.Delayed;
            }

            return await SkipAsync(cron, step, due, e, cancellationToken);
        }
        catch (Exception e) when (!StorageRetry.IsTransient(e) && !cancellationToken.IsCancellationRequested)
        {
            return await SkipAsync(cron, step, due, e, cancellationToken);
        }
    }

    /// <summary>Whether the thread or the assistant of the runs was deleted.</summary>
    private async Task<bool> IsOrphanAsync(RunSpec spec, Actor owner, CancellationToken cancellationToken) =>
        (spec.ThreadId is { } threadId && await threads.FindAsync(owner, threadId, cancellationToken) is null)
        || await assistants.FindAsync(owner, spec.AssistantId, cancellationToken) is null;

    /// <summary>
    /// Steps a cron whose run can't be created: its thread is busy, its owner has too many runs, or the request is refused.
    /// </summary>
    private async Task<CronResult> SkipAsync(
        CronRecord cron, CronStep step, DateTimeOffset due, Exception reason, CancellationToken cancellationToken)
    {
        if (await TryUpdateAsync(cron with { NextRunAt = step.NextRunAt }, cancellationToken))
        {
            LogSkipped(cron.CronId, due, reason.Message, reason is WeftException ? null : reason);
        }

        return CronResult.Handled;
    }

    /// <summary>Returns the metadata of a run: the cron's, with its id and the time for which the run is created.</summary>
    private static JsonElement MetadataOf(CronRecord cron, DateTimeOffset due)
    {
        var own = GraphJson.Encode((cron.CronId, due), static (writer, s) =>
        {
            writer.WriteStartObject();
            writer.WriteString("cron_id"u8, s.CronId.Value);
            writer.WriteString("cron_due"u8, s.due);
            writer.WriteEndObject();
        });
        return ConfigMerge.Shallow(GraphJson.Parse(Encoding.UTF8.GetBytes(cron.Metadata)), GraphJson.Parse(own))!.Value;
    }

    [LoggerMessage(1, LogLevel.Information, "Cron {CronId} created run {RunId}, which was due at {Due}.")]
    private partial void LogFired(CronId cronId, RunId runId, DateTimeOffset due);

    [LoggerMessage(2, LogLevel.Warning, "Cron {CronId} created no run: it has been due since {Due}, which is more than {Grace} ago.")]
    private partial void LogMissed(CronId cronId, DateTimeOffset? due, TimeSpan grace);

    [LoggerMessage(3, LogLevel.Warning, "Cron {CronId} creates its run later. {Reason}")]
    private partial void LogDelayed(CronId cronId, string reason);

    [LoggerMessage(4, LogLevel.Warning, "Cron {CronId} was disabled. {Reason}")]
    private partial void LogDisabled(CronId cronId, string reason);

    [LoggerMessage(5, LogLevel.Warning, "Cron {CronId} skipped the run that was due at {Due}. {Reason}")]
    private partial void LogSkipped(CronId cronId, DateTimeOffset due, string reason, Exception? exception);

    [LoggerMessage(6, LogLevel.Error, "Cron {CronId} could not create its run; the next try follows soon. {Reason}")]
    private partial void LogFailed(CronId cronId, string reason, Exception? exception);
}

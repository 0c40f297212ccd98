using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using Weft.Runs;

namespace Weft.Cluster;

/// <summary>
/// Lets the runs of servers that are gone be taken over: at once when a server is declared dead, and at intervals in case that was
/// missed.
/// </summary>
internal sealed partial class ClusterWatch(
    IClusterMembershipService membership,
    ServerDirectory servers,
    RecoverySignal recovery,
    FollowedThreads followed,
    RelaySenders relays,
    FeedSources feeds,
    CopiedLogs copies,
    ClusterMetrics metrics,
    ClusterOptions options,
    TimeProvider time,
    ILogger<ClusterWatch> logger) : BackgroundService
{
    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(1);

    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        metrics.Observe(
            () => membership.CurrentSnapshot.Members.Values.Count(static member => member.Status == SiloStatus.Active), () => copies.Count);
        return Task.WhenAll(WatchAsync(stoppingToken), SearchAsync(stoppingToken), SweepAsync(stoppingToken));
    }

    private async Task WatchAsync(CancellationToken stoppingToken)
    {
        // The rows of the dead stay for an hour. Servers that were dead before this one started are not reported.
        HashSet<SiloAddress>? dead = null;
        try
        {
            await foreach (var snapshot in membership.MembershipUpdates.WithCancellation(stoppingToken))
            {
                var now = snapshot.Members.Values.Where(static member => member.Status == SiloStatus.Dead).ToList();
                var lost = dead is null ? [] : now.FindAll(member => !dead.Contains(member.SiloAddress));
                if (lost.Count > 0)
                {
                    // Before the reports, which wait for the database.
                    recovery.Suspect();
                }

                foreach (var member in lost)
                {
                    await ReportAsync(member, stoppingToken);
                }

                (dead ??= []).UnionWith(now.Select(static member => member.SiloAddress));
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops.
        }
    }

    /// <summary>Reports a server that others declared dead. One that has stopped declared itself dead.</summary>
    private async Task ReportAsync(ClusterMember member, CancellationToken stoppingToken)
    {
        try
        {
            if (!await servers.WasSuspectedAsync(member.SiloAddress, stoppingToken))
            {
                LogStopped(member.Name, member.SiloAddress);
                return;
            }
        }
        catch (Exception e) when (e is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
        {
            // It is not known. A server that is lost is reported rather too often than not at all.
        }

        LogDead(member.Name, member.SiloAddress);
        metrics.ServerLost();
    }

    private async Task SearchAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.SearchInterval, time);
        while (await WaitAsync(timer, stoppingToken))
        {
            recovery.Suspect();
        }
    }

    private async Task SweepAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(SweepInterval, time);
        while (await WaitAsync(timer, stoppingToken))
        {
            await TryAsync(() =>
            {
                relays.Sweep();
                return Task.CompletedTask;
            });
            await TryAsync(() => followed.SweepAsync(CancellationToken.None));
            await TryAsync(() => feeds.SweepAsync(CancellationToken.None));
        }
    }

    private async Task TryAsync(Func<Task> sweep)
    {
        try
        {
            await sweep();
        }
        catch (Exception e)
        {
            LogSweepFailed(e.Message);
        }
    }

    private static async Task<bool> WaitAsync(PeriodicTimer timer, CancellationToken stoppingToken)
    {
        try
        {
            return await timer.WaitForNextTickAsync(stoppingToken);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    [LoggerMessage(
        1,
        LogLevel.Warning,
        "The threads and servers that readers follow could not be checked; the next try follows soon. {Reason}")]
    private partial void LogSweepFailed(string reason);

    [LoggerMessage(2, LogLevel.Information, "Server {Name} at {Address} has stopped.")]
    private partial void LogStopped(string name, SiloAddress address);

    [LoggerMessage(3, LogLevel.Warning, "Server {Name} at {Address} is gone. Its runs are taken over.")]
    private partial void LogDead(string name, SiloAddress address);
}

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
        var dead = new HashSet<SiloAddress>();
        try
        {
            await foreach (var snapshot in membership.MembershipUpdates.WithCancellation(stoppingToken))
            {
                foreach (var (address, member) in snapshot.Members)
                {
                    if (member.Status == SiloStatus.Dead && dead.Add(address))
                    {
                        LogDead(member.Name, address);
                        metrics.ServerLost();
                        recovery.Suspect();
                    }
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops.
        }
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

    [LoggerMessage(LogLevel.Warning, "The threads and servers that readers follow could not be checked; the next try follows soon. {Reason}")]
    private partial void LogSweepFailed(string reason);

    [LoggerMessage(LogLevel.Warning, "Server {Name} at {Address} is gone. Its runs are taken over.")]
    private partial void LogDead(string name, SiloAddress address);
}

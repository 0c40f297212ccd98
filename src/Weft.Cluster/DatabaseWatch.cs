using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace Weft.Cluster;

/// <summary>
/// Stops this server if it can't reach the database for a while and another server can, so that others take its threads over. If
/// nobody can, all servers stay and wait.
/// </summary>
internal sealed partial class DatabaseWatch(
    CallHandler own,
    ServerCalls calls,
    ServerDirectory servers,
    ILocalSiloDetails here,
    ClusterDrain drain,
    IHostApplicationLifetime lifetime,
    TimeProvider time,
    ILogger<DatabaseWatch> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        var reachedAt = time.GetTimestamp();
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            if (await own.CanStoreAsync())
            {
                reachedAt = time.GetTimestamp();
            }
            else if (time.GetElapsedTime(reachedAt) > Patience && await CanAnyOtherAsync())
            {
                LogLost(Patience);
                drain.Skip();
                lifetime.StopApplication();
                return;
            }
        }
    }

    private async Task<bool> CanAnyOtherAsync()
    {
        var answers = await Task.WhenAll(servers.Others(here.SiloAddress).Select(
            address => calls.TryAskAsync(address, static service => service.CanStoreAsync())));
        return answers.Contains(true);
    }

    [LoggerMessage(
        LogLevel.Critical,
        "The database could not be reached for {Patience}, and other servers can reach it. This server stops, so that they continue its runs.")]
    private partial void LogLost(TimeSpan patience);
}

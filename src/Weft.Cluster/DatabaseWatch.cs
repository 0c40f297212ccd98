using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace Weft.Cluster;

/// <summary>
/// Ends this server if it can't reach the database for a while and another server can, so that others take its threads over. If
/// nobody can, all servers stay and wait.
/// </summary>
/// <remarks>
/// An orderly stop would take minutes, because it waits for writes that fail one after the other. The process ends without it: then
/// its machine refuses connections, and the others declare it dead within a second or two (<see cref="RefusedServers"/>).
/// </remarks>
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

    // With the interval, a check that waits and the rest of this server's time, its threads are free after about 30 seconds.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    // Requests that need no database end in it, and listeners close.
    private static readonly TimeSpan EndDelay = TimeSpan.FromSeconds(3);

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
                _ = EndAsync();
                return;
            }
        }
    }

    private async Task<bool> CanAnyOtherAsync()
    {
        var answers = servers.Others(here.SiloAddress).Select(
            address => calls.TryAskAsync(address, static service => service.CanStoreAsync()));
        // One that does not answer must not delay the others.
        await foreach (var answer in Task.WhenEach(answers))
        {
            if (await answer)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Ends the process, unless it has stopped before. Nothing is awaited, because the stop waits for the database.</summary>
    private async Task EndAsync()
    {
        await Task.Delay(EndDelay, time);
        Environment.Exit(1);
    }

    [LoggerMessage(
        1,
        LogLevel.Critical,
        "The database could not be reached for {Patience}, and other servers can reach it. "
            + "This server ends, so that they continue its runs.")]
    private partial void LogLost(TimeSpan patience);
}

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Weft.Storage.Postgres;

/// <summary>
/// Checks from time to time whether the database is still this server's, and stops the server if it is not.
/// </summary>
internal sealed partial class DatabaseLockGuard(
    PostgresDatabase database, IServiceProvider services, ILogger<DatabaseLockGuard> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(DatabaseLock.CheckInterval);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                if (!await database.TryHoldLockAsync(stoppingToken))
                {
                    LogLost();
                    services.GetService<IHostApplicationLifetime>()?.StopApplication();
                    return;
                }
            }
            catch (Exception e) when (e is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                // Whatever keeps this server from the database may pass. The next tick tries again, and reads and writes report the reason.
            }
        }
    }

    [LoggerMessage(
        1,
        LogLevel.Critical,
        "The connection that reserved the database was lost, and another server has reserved the database since. "
            + "This server stops, and stores nothing more.")]
    private partial void LogLost();
}

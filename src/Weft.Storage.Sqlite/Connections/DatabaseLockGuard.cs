using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Weft.Storage.Sqlite;

/// <summary>
/// Checks from time to time whether the database is still this server's, and stops the server if it is not.
/// </summary>
internal sealed partial class DatabaseLockGuard(
    SqliteDatabase database, IServiceProvider services, ILogger<DatabaseLockGuard> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var isReported = false;
        using var timer = new PeriodicTimer(DatabaseLock.CheckInterval);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                if (!database.TryHoldLock())
                {
                    LogLost();
                    services.GetService<IHostApplicationLifetime>()?.StopApplication();
                    return;
                }

                isReported = false;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                if (!isReported)
                {
                    LogNotChecked(e.Message);
                    isReported = true;
                }
            }
        }
    }

    [LoggerMessage(
        1,
        LogLevel.Critical,
        "The lock file of the database was removed, and another server has locked the database since. "
            + "This server stops, and stores nothing more.")]
    private partial void LogLost();

    [LoggerMessage(2, LogLevel.Warning, "The lock file of the database was removed and can't be created again: {Reason}")]
    private partial void LogNotChecked(string reason);
}

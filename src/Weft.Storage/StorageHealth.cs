using Microsoft.Extensions.Logging;
using Weft.Runs;

namespace Weft.Storage;

/// <summary>
/// Reports that the database can't be used, and that it can be used again. It reports each change once, not each call.
/// </summary>
/// <param name="logger">Logs the changes.</param>
/// <param name="metrics">Counts the failures.</param>
/// <param name="translate">Returns the exception to throw to callers.</param>
internal sealed partial class StorageHealth(ILogger logger, StorageMetrics? metrics, Func<Exception, Exception> translate)
{
    private readonly Lock _lock = new();
    private volatile bool _isFailing;
    private StorageFault _fault;
    private int _failures;

    /// <summary>Returns the exception to throw to callers, and logs the failure if it is of a new kind.</summary>
    public Exception Failed(Exception exception)
    {
        var translated = translate(exception);
        if (translated is StorageUnavailableException unavailable)
        {
            metrics?.Unavailable(unavailable.Fault);
            lock (_lock)
            {
                var isNews = !_isFailing || _fault != unavailable.Fault;
                (_isFailing, _fault, _failures) = (true, unavailable.Fault, _failures + 1);
                if (isNews)
                {
                    LogFailing(unavailable.Message, exception);
                }
            }
        }

        return translated;
    }

    public void Succeeded()
    {
        if (!_isFailing)
        {
            return;
        }

        lock (_lock)
        {
            LogRecovered(_failures);
            (_isFailing, _failures) = (false, 0);
        }
    }

    [LoggerMessage(1, LogLevel.Error, "{Message} Further failures of this kind are not logged until a write succeeds.")]
    private partial void LogFailing(string message, Exception exception);

    [LoggerMessage(2, LogLevel.Information, "The database can be written again, after {Failures} failures.")]
    private partial void LogRecovered(int failures);
}

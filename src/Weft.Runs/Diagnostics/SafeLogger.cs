using Microsoft.Extensions.Logging;

namespace Weft.Runs;

/// <summary>
/// A logger that never throws. A logging provider may throw, and that must not change how a run or a commit ends.
/// </summary>
internal class SafeLogger(ILogger logger) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel)
    {
        try
        {
            return logger.IsEnabled(logLevel);
        }
        catch
        {
            return false;
        }
    }

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        try
        {
            logger.Log(logLevel, eventId, state, exception, formatter);
        }
        catch
        {
            // A failure of the log can't be logged.
        }
    }
}

/// <inheritdoc/>
internal sealed class SafeLogger<T>(ILogger<T> logger) : SafeLogger(logger), ILogger<T>;

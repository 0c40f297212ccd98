using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

namespace Weft.Host.Diagnostics;

/// <summary>
/// The framework's console logger, its formatters and its options, but with lines that are written in batches. The framework wakes a
/// thread for each line and writes it alone, which costs a busy server as much as a tenth of a run. An error is written at once, other
/// lines a moment later.
/// </summary>
/// <param name="options">Which formatter, which lines go to standard error, what happens if the output takes no more.</param>
/// <param name="formatters">The formatters to choose from.</param>
[ProviderAlias("Console")]
internal sealed class BatchedConsole(IOptionsMonitor<ConsoleLoggerOptions> options, IEnumerable<ConsoleFormatter> formatters)
    : ILoggerProvider, ISupportExternalScope
{
    private static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(20);

    /// <summary>A longer line, such as one with a stack trace, does not stay in memory.</summary>
    private const int KeptCharacters = 1 << 12;

    [ThreadStatic]
    private static StringWriter? _line;

    private readonly Dictionary<string, ConsoleFormatter> _formatters =
        formatters.ToDictionary(formatter => formatter.Name, StringComparer.OrdinalIgnoreCase);

    private readonly LineBatch _output = new(Console.OpenStandardOutput, Delay);
    private readonly LineBatch _error = new(Console.OpenStandardError, Delay);
    private IExternalScopeProvider? _scopes;

    /// <summary>
    /// Takes the place of the framework's console logger, except at a terminal: people who read along gain nothing from batches, and the
    /// framework knows which terminals have colours.
    /// </summary>
    public static void Use(ILoggingBuilder logging)
    {
        // Commands that print their result have no log.
        var framework = logging.Services.FirstOrDefault(service => service.ImplementationType == typeof(ConsoleLoggerProvider));
        if (framework is not null && Console.IsOutputRedirected)
        {
            logging.Services.Remove(framework);
            logging.Services.AddSingleton<ILoggerProvider, BatchedConsole>();
        }
    }

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

    public void Dispose()
    {
        _output.Dispose();
        _error.Dispose();
    }

    private void Write<TState>(in LogEntry<TState> entry)
    {
        // What a formatter calls may log too, so the writer is taken while it is used.
        var line = _line ?? new StringWriter();
        _line = null;
        var text = line.GetStringBuilder();
        var current = options.CurrentValue;
        FormatterOf(current).Write(in entry, _scopes, line);
        if (text.Length > 0)
        {
            var batch = entry.LogLevel >= current.LogToStandardErrorThreshold ? _error : _output;
            batch.Add(text, isUrgent: entry.LogLevel >= LogLevel.Error, current.QueueFullMode);
        }

        if (text.Length <= KeptCharacters)
        {
            text.Clear();
            _line = line;
        }
    }

    private ConsoleFormatter FormatterOf(ConsoleLoggerOptions current) =>
        _formatters.GetValueOrDefault(current.FormatterName ?? ConsoleFormatterNames.Simple)
        ?? _formatters[ConsoleFormatterNames.Simple];

    private sealed class Logger(BatchedConsole console, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => console._scopes?.Push(state);

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                console.Write(new LogEntry<TState>(logLevel, category, eventId, state, exception, formatter));
            }
        }
    }
}

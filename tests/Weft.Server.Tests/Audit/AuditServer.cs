using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Weft.Runs;

namespace Weft.Server.Tests.Audit;

/// <summary>A server whose audit log a test reads.</summary>
internal sealed class AuditServer : ILoggerProvider, IAsyncDisposable
{
    private readonly ConcurrentQueue<Recorded> _lines = new();

    private AuditServer()
    {
    }

    public TestServer Server { get; private set; } = null!;

    public Api Api => Server.Root;

    public static async Task<AuditServer> StartAsync(Action<WeftBuilder>? add = null, bool isOn = true)
    {
        var audited = new AuditServer();
        audited.Server = await TestServer.StartAsync(add: weft =>
        {
            HeaderUsers.Add(weft.Services);
            weft.Services.AddLogging(logging => logging
                .AddProvider(audited).AddFilter("Weft.Audit", isOn ? LogLevel.Information : LogLevel.None));
            add?.Invoke(weft);
        });
        return audited;
    }

    /// <summary>Returns the lines since the last call.</summary>
    public List<Recorded> Take()
    {
        var lines = new List<Recorded>();
        while (_lines.TryDequeue(out var line))
        {
            lines.Add(line);
        }

        return lines;
    }

    public ILogger CreateLogger(string categoryName) => new Logger(categoryName == "Weft.Audit" ? _lines : null);

    public void Dispose()
    {
    }

    public ValueTask DisposeAsync() => Server.DisposeAsync();

    /// <summary>A line of the log.</summary>
    public sealed record Recorded(int EventId, LogLevel Level, string Text, IReadOnlyDictionary<string, object?> Fields)
    {
        public string? Field(string name) => Fields.GetValueOrDefault(name)?.ToString();
    }

    private sealed class Logger(ConcurrentQueue<Recorded>? lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => lines is not null;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var fields = ((IReadOnlyList<KeyValuePair<string, object?>>)state!).ToDictionary();
            lines?.Enqueue(new Recorded(eventId.Id, logLevel, formatter(state, exception), fields));
        }
    }
}

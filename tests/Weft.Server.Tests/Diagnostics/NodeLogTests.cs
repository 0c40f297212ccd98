using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Weft.Graphs;

namespace Weft.Server.Tests.Diagnostics;

/// <summary>What nodes log has the run and the node in its scope.</summary>
public sealed class NodeLogTests
{
    [Fact]
    public async Task A_line_of_a_node_has_its_run_thread_and_node()
    {
        var log = new ScopedLog();
        await using var server = await TestServer.StartAsync(add: weft =>
        {
            weft.Services.AddSingleton<ILoggerProvider>(log);
            weft.AddGraph("logging", new StateGraph()
                .AddNode<LoggingNode>("first")
                .AddNode("second", async context =>
                {
                    await Task.Yield();
                    context.Services.GetRequiredService<ILogger<NodeLogTests>>().LogWarning("Two");
                    return StateUpdate.None;
                })
                .AddEdge(StateGraph.Start, "first")
                .AddEdge("first", "second")
                .Compile());
        });
        var thread = await server.Root.NewThreadAsync();

        var run = (await server.Root.PostAsync($"/threads/{thread}/runs/wait", """{"assistant_id":"logging","input":{}}""")).ShouldBeOk();

        var lines = log.Lines.ToDictionary(line => line.Line, line => line.Scope);
        lines["One"]["Node"].ShouldBe("first");
        lines["One"]["ThreadId"].ShouldBe(thread);
        lines["One"]["RunId"].ShouldBe(run.RunId);
        lines["Two"]["Node"].ShouldBe("second");
        lines["Two"]["TaskId"].ShouldNotBe(lines["One"]["TaskId"]);
    }

    private sealed class LoggingNode(ILogger<LoggingNode> logger) : INode
    {
        public Task<NodeResult> RunAsync(NodeContext context, CancellationToken cancellationToken)
        {
            logger.LogWarning("One");
            return Task.FromResult<NodeResult>(StateUpdate.None);
        }
    }

    /// <summary>The lines of the nodes above, with what their scopes say.</summary>
    private sealed class ScopedLog : ILoggerProvider, ISupportExternalScope
    {
        private IExternalScopeProvider _scopes = new LoggerExternalScopeProvider();

        public ConcurrentQueue<(string Line, Dictionary<string, string?> Scope)> Lines { get; } = new();

        public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName.Contains(nameof(NodeLogTests), StringComparison.Ordinal));

        public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

        public void Dispose()
        {
        }

        private sealed class Logger(ScopedLog log, bool isKept) : ILogger
        {
            public IDisposable? BeginScope<TState>(TState state)
                where TState : notnull => log._scopes.Push(state);

            public bool IsEnabled(LogLevel logLevel) => true;

            public void Log<TState>(
                LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
            {
                if (!isKept)
                {
                    return;
                }

                var scope = new Dictionary<string, string?>();
                log._scopes.ForEachScope(
                    static (value, scope) =>
                    {
                        foreach (var (name, said) in value as IEnumerable<KeyValuePair<string, object?>> ?? [])
                        {
                            scope[name] = $"{said}";
                        }
                    },
                    scope);
                log.Lines.Enqueue((formatter(state, exception), scope));
            }
        }
    }
}

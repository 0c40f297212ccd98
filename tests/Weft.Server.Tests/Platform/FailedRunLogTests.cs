using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Weft.Graphs;

namespace Weft.Server.Tests.Platform;

/// <summary>The log has one entry of level Error for each run that failed, and none for other runs.</summary>
public sealed class FailedRunLogTests
{
    [Fact]
    public async Task A_failed_run_is_one_error_with_its_exception_node_graph_thread_and_run()
    {
        var errors = new ErrorLog();
        await using var server = await StartAsync(errors);
        var thread = await server.Root.NewThreadAsync();

        var answer = (await server.Root.PostAsync($"/threads/{thread}/runs/wait", Bodies.Failing())).ShouldBeOk();
        (await server.Root.GetAsync(answer.RunPath + "/join")).ShouldBeOk();
        await server.StopAsync();

        var (members, exception) = errors.Entries.ShouldHaveSingleItem();
        exception.ShouldBeOfType<InvalidOperationException>().Message.ShouldBe("The tap is closed.");
        exception.StackTrace.ShouldNotBeNull().ShouldContain(nameof(TestGraphs.Failing));
        members["Node"].ShouldBe("work");
        members["GraphId"].ShouldBe("failing");
        members["ThreadId"].ShouldBe(thread);
        members["RunId"].ShouldBe(answer.RunId);
    }

    [Fact]
    public async Task A_run_that_is_cancelled_is_not_an_error()
    {
        var errors = new ErrorLog();
        await using var server = await StartAsync(errors);
        var thread = await server.Root.NewThreadAsync();
        var gate = server.Gates.New();
        var run = await server.Root.PostAsync($"/threads/{thread}/runs", Bodies.Gated(gate));
        await gate.EnteredAsync();

        (await server.Root.PostAsync($"{run.RunPath}/cancel?wait=1")).Status.ShouldBeInRange(200, 204);
        await server.StopAsync();

        errors.Entries.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_run_of_which_a_node_succeeds_at_its_second_try_is_not_an_error()
    {
        var errors = new ErrorLog();
        await using var server = await StartAsync(errors);

        (await server.Root.PostAsync("/runs/wait", """{"assistant_id":"flaky","input":{}}"""))
            .ShouldBeOk()
            .Json.GetProperty("tries")
            .GetInt32()
            .ShouldBe(2);
        await server.StopAsync();

        errors.Entries.ShouldBeEmpty();
    }

    private static Task<TestServer> StartAsync(ErrorLog errors) => TestServer.StartAsync(add: weft =>
    {
        weft.Services.AddSingleton<ILoggerProvider>(errors);
        weft.AddGraph("flaky", Flaky());
    });

    private static CompiledGraph Flaky()
    {
        var tries = Channel.LastValue<int>("tries");
        var count = 0;
        return new StateGraph()
            .AddChannels(tries)
            .AddNode(
                "work",
                _ => ++count == 1 ? throw new InvalidOperationException("Not yet.") : new StateUpdate().Set(tries, count),
                new NodeOptions { Retry = new RetryPolicy { InitialInterval = TimeSpan.FromMilliseconds(1), RetryOn = _ => true } })
            .AddEdge(StateGraph.Start, "work")
            .AddEdge("work", StateGraph.End)
            .Compile();
    }

    /// <summary>The entries of level Error and above: the members of each, as text, and its exception.</summary>
    private sealed class ErrorLog : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<(IReadOnlyDictionary<string, string?> Members, Exception? Exception)> Entries { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                var members = state as IReadOnlyList<KeyValuePair<string, object?>> ?? [];
                Entries.Enqueue((members.ToDictionary(member => member.Key, member => member.Value?.ToString()), exception));
            }
        }

        public void Dispose()
        {
        }
    }
}

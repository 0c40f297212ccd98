using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Weft.Runs.Tests.Diagnostics;

/// <summary>Code of the application that listens to runs may throw. Runs end as if nobody listened.</summary>
public sealed class ThrowingListenerTests
{
    [Fact]
    public async Task A_logger_that_throws_does_not_touch_the_end_of_a_run()
    {
        var logger = new ThrowingLogger();
        await using var server = await RunsUnderTest.StartAsync(add: services => services.AddSingleton<ILoggerProvider>(logger));

        await ShouldEndOnceAsync(server);

        logger.Lines.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task A_listener_to_metrics_that_throws_does_not_touch_the_end_of_a_run()
    {
        await using var server = await RunsUnderTest.StartAsync();
        string[] expected = ["weft.commit.duration", "weft.run.queue.duration", "weft.run.duration"];
        var measured = new HashSet<string>();
        var hasAll = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (ReferenceEquals(instrument.Meter.Scope, server.Meters))
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<double>((instrument, _, _, _) => Throw(instrument));
        listener.SetMeasurementEventCallback<int>((instrument, _, _, _) => Throw(instrument));
        listener.Start();

        await ShouldEndOnceAsync(server);

        // The end is measured after those who wait for it are notified.
        await hasAll.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        measured.ShouldBe(expected, ignoreOrder: true);

        void Throw(Instrument instrument)
        {
            lock (measured)
            {
                measured.Add(instrument.Name);
                if (measured.IsSupersetOf(expected))
                {
                    hasAll.TrySetResult();
                }
            }

            throw new InvalidOperationException("This listener always fails.");
        }
    }

    [Fact]
    public async Task A_listener_to_spans_that_throws_does_not_touch_the_end_of_a_run()
    {
        await using var server = await RunsUnderTest.StartAsync();
        var (trace, stopped) = (ActivityTraceId.CreateRandom(), 0);
        var hasAll = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Weft",
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ExceptionRecorder = (Activity span, Exception _, ref TagList _) => Throw(span),
            ActivityStopped = Throw,
        };
        ActivitySource.AddActivityListener(listener);
        using var caller = new Activity("test").SetParentId(trace, ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded).Start();

        await ShouldEndOnceAsync(server);

        // The span of the last run stops after those who wait for its end are notified.
        await hasAll.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);

        void Throw(Activity span)
        {
            if (span.TraceId == trace && span.OperationName.StartsWith("invoke_agent", StringComparison.Ordinal))
            {
                if (Interlocked.Increment(ref stopped) == 3)
                {
                    hasAll.TrySetResult();
                }

                throw new InvalidOperationException("This listener always fails.");
            }
        }
    }

    /// <summary>Executes a run that succeeds and two that fail, one after another on one thread.</summary>
    private static async Task ShouldEndOnceAsync(RunsUnderTest server)
    {
        var thread = await server.NewThreadAsync();
        (string Text, RunStatus Status)[] cases =
            [("well", RunStatus.Success), ("fail", RunStatus.Error), ("fail again", RunStatus.Error)];
        foreach (var (text, status) in cases)
        {
            var run = await server.CreateAsync(thread, text);

            (await server.EndAsync(run)).Status.ShouldBe(status);

            (await server.EventsAsync(run)).Count(read => read.Contains(" end ", StringComparison.Ordinal)).ShouldBe(1);
            var stored = await server.Runs.GetAsync(RunsUnderTest.Me, thread, run.RunId, TestContext.Current.CancellationToken);
            (stored.Status, stored.Attempt).ShouldBe((status, 1));
        }
    }

    private sealed class ThrowingLogger : ILoggerProvider, ILogger
    {
        public int Lines { get; private set; }

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            Lines++;
            throw new InvalidOperationException("This logger always fails.");
        }

        public void Dispose()
        {
        }
    }
}

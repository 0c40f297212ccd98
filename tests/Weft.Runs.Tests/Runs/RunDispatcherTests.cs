using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Weft.Runs.Tests.Runs;

public sealed class RunDispatcherTests
{
    [Fact]
    public async Task A_run_that_is_due_starts_also_when_the_first_try_failed()
    {
        var time = new FailingTime();
        var gates = new ThreadGates();
        var started = new TaskCompletionSource<ActiveRun>(TaskCreationOptions.RunContinuationsAsynchronously);
        var scheduler = new RunScheduler(new RunsOptions())
        {
            Execute = run =>
            {
                started.SetResult(run);
                return Task.CompletedTask;
            },
        };
        scheduler.Open();
        using var dispatcher = new RunDispatcher(gates, scheduler, time, NullLogger<RunDispatcher>.Instance);
        using var run = ThreadCoordinatorTests.Run(0, dueIn: 60);
        using (var lease = await gates.EnterAsync(run.ThreadId, TestContext.Current.CancellationToken))
        {
            lease.Coordinator.Add(run);
            dispatcher.Dispatch(run.ThreadId, lease.Coordinator);
        }

        time.FailsNext = true;
        time.Advance(TimeSpan.FromSeconds(60));
        time.FailsNext.ShouldBeFalse();
        time.Advance(TimeSpan.FromSeconds(1));

        (await started.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken)).ShouldBeSameAs(run);
    }

    private sealed class FailingTime() : FakeTimeProvider(ThreadCoordinatorTests.Noon)
    {
        public bool FailsNext { get; set; }

        public override DateTimeOffset GetUtcNow()
        {
            if (FailsNext)
            {
                FailsNext = false;
                throw new InvalidOperationException("The clock stands still.");
            }

            return base.GetUtcNow();
        }
    }
}

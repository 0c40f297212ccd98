using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Weft.Runs.Tests.Runs;

namespace Weft.Runs.Tests.Homes;

public sealed class ThreadSessionTests
{
    [Fact]
    public async Task A_run_that_is_due_starts_also_when_the_first_try_failed()
    {
        var time = new FailingTime();
        var executor = new FirstRun();
        var scheduler = new RunScheduler(executor, new RunsOptions());
        scheduler.Open();
        var sessions = Sessions(scheduler, time);
        using var run = ThreadCoordinatorTests.Run(0, dueIn: 60);
        using (var visit = sessions.Open(run.ThreadId))
        {
            await using var turn = await visit.Session.EnterAsync(TestContext.Current.CancellationToken);
            turn.Runs.Add(run);
        }

        time.FailsNext = true;
        time.Advance(TimeSpan.FromSeconds(60));
        time.FailsNext.ShouldBeFalse();
        time.Advance(TimeSpan.FromSeconds(1));

        (await executor.Started.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken)).ShouldBeSameAs(run);
    }

    [Fact]
    public async Task A_run_that_becomes_due_while_a_caller_has_its_turn_starts()
    {
        var time = new HurryingTime();
        var executor = new FirstRun();
        var scheduler = new RunScheduler(executor, new RunsOptions());
        scheduler.Open();
        var sessions = Sessions(scheduler, time);
        using var run = ThreadCoordinatorTests.Run(0, dueIn: 60);
        using var visit = sessions.Open(run.ThreadId);
        await using (var turn = await visit.Session.EnterAsync(TestContext.Current.CancellationToken))
        {
            turn.Runs.Add(run);
        }

        time.HurriesNext = TimeSpan.FromSeconds(60);
        await using (await visit.Session.EnterAsync(TestContext.Current.CancellationToken))
        {
        }

        time.Advance(time.HurriesNext);

        (await executor.Started.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken)).ShouldBeSameAs(run);
    }

    [Fact]
    public async Task A_session_stays_while_it_has_a_visit_or_a_run()
    {
        var scheduler = new RunScheduler(new FirstRun(), new RunsOptions());
        var sessions = Sessions(scheduler, new FakeTimeProvider(ThreadCoordinatorTests.Noon));
        using var run = ThreadCoordinatorTests.Run(0, dueIn: 60);
        ThreadSession session;
        using (var visit = sessions.Open(run.ThreadId))
        {
            session = visit.Session;
            using var second = sessions.Open(run.ThreadId);
            second.Session.ShouldBeSameAs(session);
            await using var turn = await session.EnterAsync(TestContext.Current.CancellationToken);
            turn.Runs.Add(run);
        }

        using (var visit = sessions.Open(run.ThreadId))
        {
            visit.Session.ShouldBeSameAs(session);
            await using var turn = await session.EnterAsync(TestContext.Current.CancellationToken);
            turn.Runs.Remove(run);
        }

        using var later = sessions.Open(run.ThreadId);
        later.Session.ShouldNotBeSameAs(session);

        // A late caller of the old session does not take the new one away.
        sessions.Open(session).Dispose();
        using var again = sessions.Open(run.ThreadId);
        again.Session.ShouldBeSameAs(later.Session);
    }

    /// <summary>Sessions that only give runs their turn.</summary>
    private static ThreadSessions Sessions(RunScheduler scheduler, TimeProvider time) => new(new SessionServices(
        null!,
        null!,
        null!,
        null!,
        new ThreadClaims(new ServerIdentity()),
        null!,
        scheduler,
        null!,
        null!,
        new RunBacklog(new RunsOptions()),
        new RecoverySignal(),
        new ThreadHeadCache(new RunsOptions()),
        null!,
        new SharedClock(time),
        new SafeLogger<ThreadSession>(NullLogger<ThreadSession>.Instance)));

    private sealed class FirstRun : IRunExecutor
    {
        public TaskCompletionSource<ActiveRun> Started { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task ExecuteAsync(ActiveRun run, Action? progressed)
        {
            Started.SetResult(run);
            return Task.CompletedTask;
        }
    }

    /// <summary>Time passes between the moment that a caller computes with and the timer that it sets.</summary>
    private sealed class HurryingTime() : FakeTimeProvider(ThreadCoordinatorTests.Noon)
    {
        public TimeSpan HurriesNext { get; set; }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Advance(HurriesNext);
            HurriesNext = TimeSpan.Zero;
            return base.CreateTimer(callback, state, dueTime, period);
        }
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

using CsCheck;

namespace Weft.Runs.Tests.Runs;

/// <summary>Which runs of a thread are admitted, which start, and in which order (docs/protocol/runs.md C3).</summary>
public sealed class ThreadCoordinatorTests
{
    internal static readonly DateTimeOffset Noon = new(2026, 1, 2, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(MultitaskStrategy.Reject)]
    [InlineData(MultitaskStrategy.Enqueue)]
    [InlineData(MultitaskStrategy.Interrupt)]
    [InlineData(MultitaskStrategy.Rollback)]
    public void An_idle_thread_admits_any_run_and_sets_none_aside(MultitaskStrategy strategy)
    {
        var admission = new ThreadCoordinator().Admit(strategy);
        admission.IsAdmitted.ShouldBeTrue();
        admission.Cancelled.ShouldBeEmpty();
    }

    [Fact]
    public void Runs_that_are_restored_count_until_they_are_removed()
    {
        var backlog = new RunBacklog(new RunsOptions());
        var coordinator = new ThreadCoordinator(backlog);
        ActiveRun[] runs = [Run(0), Run(1), Run(2)];
        backlog.Admit(runs[1].Record.Owner, 1);
        coordinator.Add(runs[1]);

        coordinator.Restore(runs);
        backlog.Count.ShouldBe(3);

        coordinator.StartNext(After(0)).ShouldBeSameAs(runs[0]);
        coordinator.Restore(runs);
        backlog.Count.ShouldBe(3);

        foreach (var run in runs)
        {
            coordinator.Remove(run);
        }

        backlog.Count.ShouldBe(0);
    }

    [Fact]
    public void Reject_refuses_beside_a_run_that_executes_or_waits()
    {
        var coordinator = new ThreadCoordinator();
        var later = Run(0, dueIn: 10);
        coordinator.Add(later);
        coordinator.Admit(MultitaskStrategy.Reject).IsAdmitted.ShouldBeFalse();
        coordinator.StartNext(After(10)).ShouldBe(later);
        coordinator.Admit(MultitaskStrategy.Reject).IsAdmitted.ShouldBeFalse();
        coordinator.Remove(later);
        coordinator.Admit(MultitaskStrategy.Reject).IsAdmitted.ShouldBeTrue();
    }

    [Theory]
    [InlineData(MultitaskStrategy.Interrupt, CancelAction.Interrupt)]
    [InlineData(MultitaskStrategy.Rollback, CancelAction.Rollback)]
    public void Interrupt_and_rollback_set_aside_all_that_is_in_flight(MultitaskStrategy strategy, object action)
    {
        var coordinator = new ThreadCoordinator();
        var (first, second, later) = (Run(0), Run(1), Run(2, dueIn: 60));
        coordinator.Add(first);
        coordinator.StartNext(After(5));
        coordinator.Add(later);
        coordinator.Add(second);
        var admission = coordinator.Admit(strategy);
        admission.IsAdmitted.ShouldBeTrue();
        admission.Cancelled.ShouldBe([first, later, second]);
        admission.Action.ShouldBe((CancelAction)action);
    }

    [Fact]
    public void Enqueue_sets_none_aside()
    {
        var coordinator = new ThreadCoordinator();
        coordinator.Add(Run(0));
        var admission = coordinator.Admit(MultitaskStrategy.Enqueue);
        (admission.IsAdmitted, admission.Cancelled.Count).ShouldBe((true, 0));
    }

    [Fact]
    public void A_run_with_a_delay_waits_and_says_how_long()
    {
        var coordinator = new ThreadCoordinator();
        var run = Run(0, dueIn: 30);
        coordinator.Add(run);
        coordinator.StartNext(After(29)).ShouldBeNull();
        coordinator.WaitAt(After(29)).ShouldBe(TimeSpan.FromSeconds(1));
        coordinator.StartNext(After(30)).ShouldBe(run);
        coordinator.WaitAt(After(30)).ShouldBeNull();
    }

    [Theory]
    [InlineData(-3600)]
    [InlineData(-1)]
    public void A_clock_that_is_set_back_holds_up_no_run_and_changes_no_order(int step)
    {
        var coordinator = new ThreadCoordinator();
        var delayed = Run(0, dueIn: 30);
        coordinator.Add(delayed);
        var first = Run(1);
        coordinator.Add(first);
        var second = Run(2 + step);
        coordinator.Add(second);

        var stepped = After(3, step);
        coordinator.StartNext(stepped).ShouldBe(first);
        coordinator.Remove(first);
        coordinator.StartNext(stepped).ShouldBe(second);
        coordinator.Remove(second);
        coordinator.StartNext(After(29, step)).ShouldBeNull();
        coordinator.WaitAt(After(29, step)).ShouldBe(TimeSpan.FromSeconds(1));
        coordinator.StartNext(After(30, step)).ShouldBe(delayed);
    }

    [Fact]
    public void A_run_with_a_delay_starts_when_its_time_has_come_on_the_wall_clock_also_when_the_machine_slept()
    {
        var coordinator = new ThreadCoordinator();
        var delayed = Run(0, dueIn: 3600);
        coordinator.Add(delayed);
        coordinator.StartNext(After(10, 3589)).ShouldBeNull();
        coordinator.StartNext(After(10, 3590)).ShouldBe(delayed);
    }

    /// <summary>
    /// Runs come with delays, start and end, and are cancelled while they wait: one at a time, of those that may start
    /// the oldest.
    /// </summary>
    [Fact]
    public void Runs_start_one_at_a_time_in_the_order_of_creation_but_for_those_whose_time_has_not_come() =>
        Gen.Select(Gen.Int[0, 3], Gen.Int[0, 40]).Array[1, 60].Sample(steps =>
        {
            var coordinator = new ThreadCoordinator();
            var waiting = new List<(int Created, int Due, ActiveRun Run)>();
            ActiveRun? running = null;
            for (var i = 0; i < steps.Length; i++)
            {
                switch (steps[i].Item1)
                {
                    case 0 or 1:
                        var delay = steps[i].Item2 % 3 == 0 ? (int?)steps[i].Item2 : null;
                        var run = Run(i, delay);
                        coordinator.Add(run);
                        waiting.Add((i, i + (delay ?? 0), run));
                        break;
                    case 2 when running is not null:
                        coordinator.Remove(running);
                        running = null;
                        break;
                    case 3 when waiting.Count > 0:
                        var cancelled = waiting[steps[i].Item2 % waiting.Count];
                        coordinator.Remove(cancelled.Run);
                        waiting.Remove(cancelled);
                        break;
                }

                var next = waiting.Find(entry => entry.Due <= i);
                var started = coordinator.StartNext(After(i));
                if (running is null && next.Run is not null)
                {
                    started.ShouldBe(next.Run);
                    running = next.Run;
                    waiting.Remove(next);
                }
                else
                {
                    started.ShouldBeNull();
                }

                coordinator.Running.ShouldBe(running);
                coordinator.Pending.ShouldBe(waiting.Select(entry => entry.Run));
                coordinator.IsIdle.ShouldBe(running is null && waiting.Count == 0);
                coordinator.WaitAt(After(i))
                    .ShouldBe(running is null && waiting.Count > 0 ? TimeSpan.FromSeconds(waiting.Min(entry => entry.Due) - i) : null);
                foreach (var entry in waiting)
                {
                    coordinator.Find(entry.Run.RunId).ShouldBe(entry.Run);
                }
            }
        });

    /// <summary>So many seconds after noon, with a wall clock that is off by a step.</summary>
    private static Moment After(int seconds, int step = 0) =>
        new(Noon.AddSeconds(seconds + step), TimeSpan.FromTicks(Noon.AddSeconds(seconds).Ticks));

    internal static ActiveRun Run(int createdAt, int? dueIn = null, string owner = "", bool isSuspect = false)
    {
        var now = Noon.AddSeconds(createdAt);
        var record = new RunRecord
        {
            RunId = new RunId(Guid.NewGuid()),
            ThreadId = new ThreadId("t"),
            Owner = owner,
            AssistantId = new AssistantId(Guid.Empty),
            Kwargs = default,
            NotBefore = dueIn is { } seconds ? now.AddSeconds(seconds) : null,
            CreatedAt = now,
            UpdatedAt = now,
        };
        var spec = new RunSpec { AssistantId = record.AssistantId };
        return new ActiveRun(
            record,
            spec,
            new RunStream(record.RunId, record.ThreadId, ["values"], new RunsOptions()),
            session: null!,
            isStarted: false)
        {
            DueUptime = dueIn is { } delay ? After(createdAt + delay).Uptime : null,
            IsSuspect = isSuspect,
        };
    }
}

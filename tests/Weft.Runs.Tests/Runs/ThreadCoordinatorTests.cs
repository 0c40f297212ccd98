using CsCheck;

namespace Weft.Runs.Tests.Runs;

/// <summary>Which runs of a thread are admitted, which start, and in which order (protocol, section C3).</summary>
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
    public void Reject_refuses_beside_a_run_that_executes_or_waits()
    {
        var coordinator = new ThreadCoordinator();
        var later = Run(0, dueIn: 10);
        coordinator.Add(later);
        coordinator.Admit(MultitaskStrategy.Reject).IsAdmitted.ShouldBeFalse();
        coordinator.StartNext(Noon.AddSeconds(10)).ShouldBe(later);
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
        coordinator.StartNext(Noon.AddSeconds(5));
        coordinator.Add(later);
        coordinator.Add(second);
        var admission = coordinator.Admit(strategy);
        admission.IsAdmitted.ShouldBeTrue();
        admission.Cancelled.ShouldBe([first, second, later]);
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
    public void A_run_that_is_not_due_waits_and_says_until_when()
    {
        var coordinator = new ThreadCoordinator();
        var run = Run(0, dueIn: 30);
        coordinator.Add(run);
        coordinator.StartNext(Noon.AddSeconds(29)).ShouldBeNull();
        coordinator.NextDue.ShouldBe(Noon.AddSeconds(30));
        coordinator.StartNext(Noon.AddSeconds(30)).ShouldBe(run);
        coordinator.NextDue.ShouldBeNull();
    }

    /// <summary>Runs come with delays, start and end, and are cancelled while they wait: one at a time, by due time, then by creation.</summary>
    [Fact]
    public void Runs_start_one_at_a_time_in_the_order_in_which_they_are_due() =>
        Gen.Select(Gen.Int[0, 3], Gen.Int[0, 40]).Array[1, 60].Sample(steps =>
        {
            var coordinator = new ThreadCoordinator();
            var waiting = new List<(int Created, DateTimeOffset Due, ActiveRun Run)>();
            ActiveRun? running = null;
            for (var i = 0; i < steps.Length; i++)
            {
                var now = Noon.AddSeconds(i);
                switch (steps[i].Item1)
                {
                    case 0 or 1:
                        var delay = steps[i].Item2 % 3 == 0 ? (int?)steps[i].Item2 : null;
                        var run = Run(i, delay);
                        coordinator.Add(run);
                        waiting.Add((i, now.AddSeconds(delay ?? 0), run));
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

                var next = waiting.OrderBy(entry => entry.Due).ThenBy(entry => entry.Created).FirstOrDefault();
                var started = coordinator.StartNext(now);
                if (running is null && next.Run is not null && next.Due <= now)
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
                coordinator.Pending.ShouldBe(waiting.OrderBy(entry => entry.Due).ThenBy(entry => entry.Created).Select(entry => entry.Run));
                coordinator.IsIdle.ShouldBe(running is null && waiting.Count == 0);
                coordinator.NextDue.ShouldBe(running is null && waiting.Count > 0 ? waiting.Min(entry => entry.Due) : null);
                foreach (var entry in waiting)
                {
                    coordinator.Find(entry.Run.RunId).ShouldBe(entry.Run);
                }
            }
        });

    internal static ActiveRun Run(int createdAt, int? dueIn = null)
    {
        var now = Noon.AddSeconds(createdAt);
        var record = new RunRecord
        {
            RunId = new RunId(Guid.NewGuid()),
            ThreadId = new ThreadId("t"),
            AssistantId = new AssistantId(Guid.Empty),
            Kwargs = default,
            NotBefore = dueIn is { } seconds ? now.AddSeconds(seconds) : null,
            CreatedAt = now,
            UpdatedAt = now,
        };
        var spec = new RunSpec { AssistantId = record.AssistantId };
        return new ActiveRun(record, spec, new RunStream(record.RunId, record.ThreadId, ["values"], new RunsOptions()), isStarted: false);
    }
}

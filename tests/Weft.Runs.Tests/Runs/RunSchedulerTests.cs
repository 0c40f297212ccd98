using CsCheck;

namespace Weft.Runs.Tests.Runs;

/// <summary>Which runs of all threads execute, within the limits of the server and of each actor.</summary>
public sealed class RunSchedulerTests
{
    [Fact]
    public void A_hundred_runs_of_one_actor_do_not_delay_the_one_of_another()
    {
        var executor = new HeldRuns();
        var scheduler = Open(executor, new RunsOptions { ConcurrentRunsMax = 1 });
        var many = Enqueue(scheduler, "ada", 100);
        var one = Enqueue(scheduler, "bob", 1)[0];

        executor.End(many[0]);
        executor.End(executor.Executing.Single());

        executor.Started.ShouldBe([many[0], many[1], one]);
        executor.End(one);
        executor.Started[^1].ShouldBe(many[2]);
    }

    [Fact]
    public void An_actor_at_its_limit_waits_and_others_pass()
    {
        var executor = new HeldRuns();
        var scheduler = Open(executor, new RunsOptions { ConcurrentRunsPerActorMax = 2 });
        var ada = Enqueue(scheduler, "ada", 5);
        scheduler.HasRoom("ada").ShouldBeFalse();
        scheduler.HasRoom("bob").ShouldBeTrue();
        var bob = Enqueue(scheduler, "bob", 1);
        executor.Started.ShouldBe([ada[0], ada[1], bob[0]]);

        executor.End(bob[0]);
        executor.Started.Count.ShouldBe(3);
        executor.End(ada[1]);
        executor.Started[^1].ShouldBe(ada[2]);

        scheduler.TryWithdraw(ada[3]).ShouldBeTrue();
        scheduler.TryWithdraw(ada[3]).ShouldBeFalse();
        scheduler.TryWithdraw(ada[2]).ShouldBeFalse();
        executor.End(ada[0]);
        executor.Started[^1].ShouldBe(ada[4]);
        scheduler.HasRoom("ada").ShouldBeFalse();
        executor.End(ada[2]);
        scheduler.HasRoom("ada").ShouldBeTrue();
    }

    [Fact]
    public void A_run_that_may_have_killed_its_server_counts_too()
    {
        var executor = new HeldRuns();
        var scheduler = Open(executor, new RunsOptions { ConcurrentRunsPerActorMax = 1 });
        var first = Enqueue(scheduler, "ada", 1)[0];
        var suspect = ThreadCoordinatorTests.Run(0, owner: "ada", isSuspect: true);
        var other = ThreadCoordinatorTests.Run(0, owner: "bob", isSuspect: true);
        scheduler.Enqueue(suspect);
        scheduler.Enqueue(other);
        executor.Executing.ShouldBe([first, other], ignoreOrder: true);

        executor.End(first);
        executor.Executing.ShouldBe([other]);
        executor.End(other);
        executor.Executing.ShouldBe([suspect]);
        scheduler.HasRoom("ada").ShouldBeFalse();
    }

    /// <summary>Runs of three actors come, end and are withdrawn, until none is left.</summary>
    [Fact]
    public void No_run_waits_while_it_may_execute_and_no_limit_is_passed() =>
        Gen.Select(Gen.Int[1, 4], Gen.Int[1, 3], Gen.Select(Gen.Int[0, 3], Gen.Int[0, 40]).Array[1, 80]).Sample((max, perActor, steps) =>
        {
            var executor = new HeldRuns();
            var scheduler = Open(executor, new RunsOptions { ConcurrentRunsMax = max, ConcurrentRunsPerActorMax = perActor });
            var waiting = new List<ActiveRun>();
            foreach (var (kind, choice) in steps)
            {
                switch (kind)
                {
                    case 0 or 1:
                        waiting.AddRange(Enqueue(scheduler, $"actor {choice % 3}", 1));
                        break;
                    case 2 when executor.Executing.Count > 0:
                        executor.End(executor.Executing[choice % executor.Executing.Count]);
                        break;
                    case 3 when waiting.Count > 0:
                        var withdrawn = waiting[choice % waiting.Count];
                        scheduler.TryWithdraw(withdrawn).ShouldBeTrue();
                        waiting.Remove(withdrawn);
                        break;
                }

                waiting.RemoveAll(executor.Started.Contains);
                Check(executor.Executing, waiting, max, perActor);
            }

            while (executor.Executing.Count > 0)
            {
                executor.End(executor.Executing[0]);
            }

            waiting.ShouldBeSubsetOf(executor.Started);
        });

    private static void Check(List<ActiveRun> executing, List<ActiveRun> waiting, int max, int perActor)
    {
        executing.Count.ShouldBeLessThanOrEqualTo(max);
        var counts = executing.CountBy(static run => run.Record.Owner).ToDictionary();
        counts.Values.ShouldAllBe(count => count <= perActor);
        if (executing.Count < max)
        {
            waiting.ShouldAllBe(run => counts.GetValueOrDefault(run.Record.Owner) == perActor);
        }
    }

    private static RunScheduler Open(HeldRuns executor, RunsOptions options)
    {
        var scheduler = new RunScheduler(executor, options);
        scheduler.Open();
        return scheduler;
    }

    private static ActiveRun[] Enqueue(RunScheduler scheduler, string owner, int count)
    {
        var runs = Enumerable.Range(0, count).Select(i => ThreadCoordinatorTests.Run(i, owner: owner)).ToArray();
        Array.ForEach(runs, scheduler.Enqueue);
        return runs;
    }

    /// <summary>Runs that execute until the test ends them.</summary>
    private sealed class HeldRuns : IRunExecutor
    {
        private readonly Dictionary<ActiveRun, TaskCompletionSource> _held = [];

        public List<ActiveRun> Started { get; } = [];

        public List<ActiveRun> Executing { get; } = [];

        public Task ExecuteAsync(ActiveRun run, Action? progressed)
        {
            Started.Add(run);
            Executing.Add(run);
            return (_held[run] = new TaskCompletionSource()).Task;
        }

        /// <summary>Ends a run. The next one has started when this returns.</summary>
        public void End(ActiveRun run)
        {
            Executing.Remove(run);
            _held[run].SetResult();
        }
    }
}

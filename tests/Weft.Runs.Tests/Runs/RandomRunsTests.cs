using Weft.Graphs;

namespace Weft.Runs.Tests.Runs;

/// <summary>Clients that create, cancel and delete runs of few threads, and read them, at random and at once.</summary>
public sealed class RandomRunsTests
{
    private static readonly MultitaskStrategy[] Strategies =
        [
            MultitaskStrategy.Enqueue,
            MultitaskStrategy.Enqueue,
            MultitaskStrategy.Interrupt,
            MultitaskStrategy.Rollback,
            MultitaskStrategy.Reject,
        ];
    private static readonly string[] Texts = ["quick", "quick", "slow", "slowly", "fail", "ask"];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 1)]
    [InlineData(3, 1000)]
    [InlineData(4, 1000)]
    public async Task Every_run_ends_and_every_thread_stands_where_its_runs_left_it(int seed, int cachedThreads)
    {
        await using var server = await RunsUnderTest.StartAsync(options =>
        {
            options.ConcurrentRunsMax = 4;
            options.CachedThreadsMax = cachedThreads;
        });
        ThreadId[] threads = [await server.NewThreadAsync(), await server.NewThreadAsync(), await server.NewThreadAsync()];
        using var watched = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var watching = Task.Run(() => WatchAsync(server, threads, watched.Token), Stop);
        var clients = await Task.WhenAll(
            Enumerable.Range(0, 3)
                .Select(client => Task.Run(() => ActAsync(server, threads, new Random((seed * 10) + client), client), Stop)));
        var runs = clients.SelectMany(created => created).ToList();
        server.Time.Advance(TimeSpan.FromMinutes(1));
        foreach (var (_, run) in runs)
        {
            await server.EndAsync(run);
        }

        await watched.CancelAsync();
        await watching;

        (await server.Store.ListUnfinishedThreadsAsync(null, 1_000, Stop)).ShouldBeEmpty();
        server.ExecutingMax.OfOne.ShouldBe(1);
        foreach (var thread in threads)
        {
            var trail = await server.TrailAsync(thread);
            var done = trail.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            done.ShouldBeUnique();
            for (var i = 0; i < done.Length; i++)
            {
                if (done[i].StartsWith("reply:", StringComparison.Ordinal))
                {
                    done[i - 1].ShouldBe("note:" + done[i]["reply:".Length..]);
                }
            }

            foreach (var (text, run) in runs.Where(run => run.Run.ThreadId == thread))
            {
                if (await server.StatusAsync(run) is RunStatus.Success && !text.StartsWith("ask", StringComparison.Ordinal))
                {
                    done.ShouldContain($"reply:{text}");
                }
            }

            (await server.StatusAsync(thread)).ShouldNotBe(ThreadStatus.Busy);
            // As the database has it, without the state in memory.
            var history = await server.States.ReadHistoryAsync(RunsUnderTest.Me, thread, "", 1, null, null, Stop).ToListAsync(Stop);
            (history.Count == 0 ? "" : RunsUnderTest.TrailOf(history[0])).ShouldBe(trail);
        }
    }

    /// <summary>Who reads threads changes nothing of them.</summary>
    private static async Task WatchAsync(RunsUnderTest server, ThreadId[] threads, CancellationToken watched)
    {
        for (var i = 0; !watched.IsCancellationRequested; i++)
        {
            await server.TrailAsync(threads[i % threads.Length]);
            await Task.Yield();
        }
    }

    private static async Task<List<(string Text, RunRecord Run)>> ActAsync(
        RunsUnderTest server, ThreadId[] threads, Random random, int client)
    {
        var created = new List<(string Text, RunRecord Run)>();
        for (var i = 0; i < 40; i++)
        {
            var kind = random.Next(10);
            if (kind < 7 || created.Count == 0)
            {
                var text = $"{Texts[random.Next(Texts.Length)]}{client}-{i}";
                try
                {
                    created.Add((text, await server.CreateAsync(threads[random.Next(3)], text, spec => spec with
                    {
                        MultitaskStrategy = Strategies[random.Next(Strategies.Length)],
                        After = random.Next(8) == 0 && random.Next(20) is > 0 and var seconds ? TimeSpan.FromSeconds(seconds) : null,
                        Durability = random.Next(4) == 0 ? Durability.Exit : Durability.Async,
                    })));
                }
                catch (WeftException e) when (e.Kind == ProblemKind.Conflict)
                {
                }
            }
            else
            {
                var (_, run) = created[random.Next(created.Count)];
                if (kind < 9)
                {
                    await server.Runs.CancelAsync(run, kind == 7 ? CancelAction.Interrupt : CancelAction.Rollback, null, Stop);
                }
                else
                {
                    try
                    {
                        await server.Runs.DeleteAsync(run, Stop);
                    }
                    catch (WeftException e) when (e.Kind == ProblemKind.Conflict)
                    {
                    }
                }
            }

            if (random.Next(3) == 0)
            {
                await Task.Delay(random.Next(6), Stop);
            }
        }

        return created;
    }
}

using System.Collections.Concurrent;
using Weft.Runs;

namespace Weft.Storage.Postgres.Tests;

/// <summary>Stores runs while something happens to the database, and then looks for all that were acknowledged.</summary>
internal static class StoredRuns
{
    private const int Callers = 16;

    private static readonly DateTimeOffset Now = new(2031, 2, 3, 4, 5, 6, TimeSpan.Zero);
    private static readonly Actor Alice = new("alice");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Callers store runs, before, while and after the database is disturbed. No call fails, and none is lost.</summary>
    public static async Task ShouldSurviveAsync(PostgresDatabase database, Func<Task> disturb)
    {
        var runs = new PostgresRunStore(database);
        await AddAsync(runs);
        using var stop = new CancellationTokenSource();
        var ended = new ConcurrentBag<RunId>();
        var callers = Enumerable.Range(0, Callers).Select(_ => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                ended.Add(await AddAsync(runs));
            }
        })).ToList();
        await Task.Delay(500, Token);
        await disturb();
        var before = ended.Count;
        for (var tries = 0; ended.Count <= before && tries < 600; tries++)
        {
            await Task.Delay(100, Token);
        }

        await stop.CancelAsync();
        await Task.WhenAll(callers);
        ended.Count.ShouldBeGreaterThan(before);
        foreach (var runId in ended)
        {
            (await runs.FindAsync(Alice, runId, Token)).ShouldNotBeNull().Status.ShouldBe(RunStatus.Success);
        }
    }

    /// <summary>Adds a run with its thread, and ends it.</summary>
    public static async Task<RunId> AddAsync(PostgresRunStore runs)
    {
        var thread = new ThreadRecord { ThreadId = ThreadId.New(TimeProvider.System), Owner = Alice.Id, CreatedAt = Now, UpdatedAt = Now };
        var run = new RunRecord
        {
            RunId = RunId.New(TimeProvider.System),
            ThreadId = thread.ThreadId,
            AssistantId = new AssistantId(Guid.NewGuid()),
            Kwargs = "{}"u8.ToArray(),
            Status = RunStatus.Running,
            Attempt = 1,
            StartOrder = 1,
            CreatedAt = Now,
            UpdatedAt = Now,
        };
        (await runs.CreateAsync(new RunCreation { Actor = Alice, Run = run, NewThread = thread }, Token)).ShouldBe(RunCreated.Created);
        var finish = new RunFinish
        {
            ThreadId = thread.ThreadId,
            RunId = run.RunId,
            Attempt = 1,
            Status = RunStatus.Success,
            Thread = new ThreadOutcome(ThreadStatus.Idle),
            Now = Now.AddSeconds(1),
        };
        (await runs.FinishAsync(finish, Token)).ShouldBeTrue();
        return run.RunId;
    }
}

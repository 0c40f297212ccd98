using Weft.Runs;

namespace Weft.Storage.Postgres.Tests;

/// <summary>
/// Two servers on one database: what the first one writes for an attempt is stored before the second one has taken the run over, or
/// never.
/// </summary>
public sealed class FenceTests : IDisposable
{
    private const int Threads = 10;
    private const int TakeoversPerThread = 50;

    private static readonly DateTimeOffset Now = new(2031, 2, 3, 4, 5, 6, TimeSpan.Zero);
    private static readonly Actor Alice = new("alice");

    private readonly string _connectionString = TestDatabases.Create();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => TestDatabases.Remove(_connectionString);

    [Fact]
    public async Task After_500_takeovers_no_old_attempt_has_written_past_the_head_that_the_new_one_read()
    {
        await using var first = Open();
        await using var second = Open();

        var takeovers = await Task.WhenAll(Enumerable.Range(0, Threads).Select(_ => Task.Run(() => TakeOverAsync(first, second), Token)));

        takeovers.Sum().ShouldBe(Threads * TakeoversPerThread);
    }

    private static async Task<int> TakeOverAsync(PostgresDatabase first, PostgresDatabase second)
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
        (await new PostgresRunStore(first).CreateAsync(new RunCreation { Actor = Alice, Run = run, NewThread = thread }, Token))
            .ShouldBe(RunCreated.Created);
        var last = 0;
        for (var number = 1; number <= TakeoversPerThread; number++)
        {
            var (old, next) = number % 2 == 1 ? (first, second) : (second, first);
            var writing = WriteUntilStaleAsync(new PostgresCheckpointStore(old), new RunAttempt(run.ThreadId, run.RunId, number), last);
            await Task.Delay(Random.Shared.Next(10), Token);
            var attempt = new RunAttempt(run.ThreadId, run.RunId, number + 1);
            (await new PostgresRunStore(next).TryStartAsync(attempt, Now.AddSeconds(number), Token)).ShouldBe(1);
            var head = await HeadAsync(next, run.ThreadId);
            last = await writing;
            (await HeadAsync(next, run.ThreadId)).ShouldBe(head);
            (head ?? 0).ShouldBe(last);
        }

        return TakeoversPerThread;
    }

    /// <summary>Puts checkpoints, several at a time, until they are refused. Returns the ordinal of the last that was stored.</summary>
    private static async Task<int> WriteUntilStaleAsync(PostgresCheckpointStore store, RunAttempt attempt, int last)
    {
        var stored = last;
        while (true)
        {
            var puts = Enumerable.Range(stored + 1, 4).Select(i => store.PutAsync(attempt, NewCheckpoint(attempt, i), [], Token)).ToList();
            foreach (var put in puts)
            {
                try
                {
                    await put;
                    stored++;
                }
                catch (StaleAttemptException)
                {
                    await Task.WhenAll(puts).ContinueWith(static _ => { }, TaskScheduler.Default);
                    puts.Count(static one => one.IsCompletedSuccessfully).ShouldBe(puts.IndexOf(put));
                    return stored;
                }
            }
        }
    }

    private static CheckpointRecord NewCheckpoint(RunAttempt attempt, int number) => new()
    {
        ThreadId = attempt.ThreadId,
        Namespace = "",
        CheckpointId = CheckpointId.Parse($"1f000000-0000-6000-8000-{number:x12}"),
        RunId = attempt.RunId,
        Ordinal = number,
        Source = "loop",
        Metadata = """{"source":"loop","step":1}""",
        Body = new byte[] { 1 },
        CreatedAt = Now,
    };

    private static async Task<long?> HeadAsync(PostgresDatabase database, ThreadId threadId) =>
        (await new PostgresCheckpointStore(database).FindAsync(threadId, "", null, Token))?.Ordinal;

    // No lock, as in a cluster.
    private PostgresDatabase Open() => new(new PostgresStorageOptions { ConnectionString = _connectionString }, use: DatabaseUse.Guest);
}

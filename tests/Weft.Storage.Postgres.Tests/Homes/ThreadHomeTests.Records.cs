using Npgsql;
using Weft.Runs;

namespace Weft.Storage.Postgres.Tests;

public sealed partial class ThreadHomeTests
{
    private static ThreadRecord NewThread(ThreadId? threadId = null) => new()
    {
        ThreadId = threadId ?? ThreadId.New(TimeProvider.System),
        Owner = Alice.Id,
        CreatedAt = Now,
        UpdatedAt = Now,
    };

    private static RunRecord NewRun(ThreadRecord thread) => new()
    {
        RunId = RunId.New(TimeProvider.System),
        ThreadId = thread.ThreadId,
        Owner = Alice.Id,
        AssistantId = new AssistantId(Guid.NewGuid()),
        Kwargs = "{}"u8.ToArray(),
        CreatedAt = Now,
        UpdatedAt = Now,
    };

    private static RunCreation Creation(RunRecord run, ThreadRecord? thread = null) =>
        new() { Actor = Alice, Run = run, NewThread = thread };

    private static RunAttempt Attempt(RunRecord run, int number) => new(run.ThreadId, run.RunId, number);

    private static RunFinish Finish(RunRecord run, int? attempt) => new()
    {
        ThreadId = run.ThreadId,
        RunId = run.RunId,
        Attempt = attempt,
        Status = attempt is null ? RunStatus.Interrupted : RunStatus.Success,
        Thread = new ThreadOutcome(ThreadStatus.Idle),
        Now = Now.AddSeconds(1),
    };

    private async Task<ThreadRecord> AddThreadAsync()
    {
        var thread = NewThread();
        (await _one.Threads.TryCreateAsync(thread, Token)).ShouldBeTrue();
        return thread;
    }

    private static async Task<RunRecord> CreateAsync(ClusterServer server, ThreadRecord thread)
    {
        var run = NewRun(thread);
        (await server.Runs.CreateAsync(Creation(run), Token)).ShouldBe(RunCreated.Created);
        return run;
    }

    private static async Task StartAsync(ClusterServer server, RunRecord run, int attempt) =>
        (await server.Runs.TryStartAsync(Attempt(run, attempt), Now, Token)).ShouldNotBeNull();

    private static async Task EndAsync(ClusterServer server, RunRecord run, int? attempt = null) =>
        (await server.Runs.FinishAsync(Finish(run, attempt), Token)).ShouldBeTrue();

    private static Task<WriteResult> DeleteAsync(ClusterServer server, RunRecord run, int? attempt) =>
        server.Runs.DeleteAsync(run.Key, attempt, null, null, Now, Token);

    private Task<int?> HomeAsync(ThreadId threadId) => _two.Homes.FindAsync(threadId, Token);

    private async Task<int?> ServerOfAsync(RunRecord run)
    {
        await using var connection = new NpgsqlConnection(_connectionString + ";Pooling=false");
        await connection.OpenAsync(Token);
        await using var command = new NpgsqlCommand("SELECT server FROM weft.runs WHERE run_id = $1", connection)
        {
            Parameters = { new() { Value = run.RunId.Value } },
        };
        return await command.ExecuteScalarAsync(Token) as int?;
    }
}

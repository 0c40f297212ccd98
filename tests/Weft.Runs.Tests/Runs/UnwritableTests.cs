using Microsoft.Data.Sqlite;

namespace Weft.Runs.Tests.Runs;

/// <summary>What becomes of runs and their threads when the database refuses a write.</summary>
public sealed class UnwritableTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_run_fails_whose_checkpoint_cannot_be_stored_and_its_thread_stays_readable()
    {
        await using var server = await RunsUnderTest.StartAsync();
        var thread = await server.NewThreadAsync();
        await server.EndAsync(await server.CreateAsync(thread, "before"));
        Execute(
            server,
            "CREATE TRIGGER large BEFORE INSERT ON checkpoints WHEN length(NEW.body) > 100000 BEGIN SELECT "
                + "RAISE(ABORT, 'too large'); END");

        var outcome = await server.EndAsync(await server.CreateAsync(thread, "large"));

        outcome.Status.ShouldBe(RunStatus.Error);
        outcome.Failure!.Message.ShouldContain("too large");
        (await server.StatusAsync(thread)).ShouldBe(ThreadStatus.Error);
        (await server.TrailAsync(thread)).ShouldBe("note:before reply:before");
        var history = await server.States.ReadHistoryAsync(RunsUnderTest.Me, thread, "", 100, null, null, Stop).ToListAsync(Stop);
        RunsUnderTest.TrailOf(history[0]).ShouldBe("note:before reply:before");
        await server.EndAsync(await server.CreateAsync(thread, "after"));
        (await server.TrailAsync(thread)).ShouldBe("note:before reply:before note:after reply:after");
    }

    [Fact]
    public async Task A_question_that_cannot_be_stored_is_not_asked()
    {
        await using var server = await RunsUnderTest.StartAsync();
        var thread = await server.NewThreadAsync();
        Execute(server, "CREATE TRIGGER refused BEFORE INSERT ON task_outcomes BEGIN SELECT RAISE(ABORT, 'refused'); END");

        var outcome = await server.EndAsync(await server.CreateAsync(thread, "ask"));

        outcome.Failure!.Message.ShouldContain("refused");
        var record = (await server.Threads.GetAsync(RunsUnderTest.Me, thread, Stop)).Thread;
        (record.Status, record.Interrupts).ShouldBe((ThreadStatus.Error, "{}"));
        (await server.States.GetAsync(RunsUnderTest.Me, thread, CheckpointAddress.Head, false, Stop))!.Interrupts.ShouldBeEmpty();
    }

    private static void Execute(RunsUnderTest server, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={server.File};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}

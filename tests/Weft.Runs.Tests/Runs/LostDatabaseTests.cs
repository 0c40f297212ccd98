namespace Weft.Runs.Tests.Runs;

/// <summary>A server whose lock file is removed while it executes a run stops cleanly, and the next one takes the run up.</summary>
public sealed class LostDatabaseTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_server_without_its_lock_file_stops_and_puts_its_runs_back()
    {
        var first = await RunsUnderTest.StartAsync();
        var run = await first.CreateAsync(await first.NewThreadAsync(), "hold");
        await first.HoldOf("hold").Reached.Task;
        File.Delete(first.File + ".lock");

        await first.StopAsync().WaitAsync(TimeSpan.FromSeconds(20), Token);

        await FinishAsync(first, run);
    }

    [Fact]
    public async Task A_server_that_lost_its_database_to_another_stops_and_leaves_its_runs()
    {
        var first = await RunsUnderTest.StartAsync();
        var thread = await first.NewThreadAsync();
        var run = await first.CreateAsync(thread, "hold");
        await first.HoldOf("hold").Reached.Task;
        await using (await TakeLockAsync(first.File + ".lock"))
        {
            while (await CanWriteAsync(first))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), Token);
            }

            await first.StopAsync().WaitAsync(TimeSpan.FromSeconds(20), Token);
        }

        await FinishAsync(first, run);
    }

    private static async Task FinishAsync(RunsUnderTest before, RunRecord run)
    {
        await using var second = await RunsUnderTest.StartAsync(before: before);
        await second.HoldOf("hold").Reached.Task.WaitAsync(TimeSpan.FromSeconds(20), Token);
        second.HoldOf("hold").Released.SetResult();
        (await second.EndAsync(run)).Status.ShouldBe(RunStatus.Success);
        (await second.TrailAsync(run.ThreadId)).ShouldBe("note:hold reply:hold");
    }

    private static async Task<bool> CanWriteAsync(RunsUnderTest server)
    {
        try
        {
            await server.NewThreadAsync();
            return true;
        }
        catch (StorageUnavailableException)
        {
            return false;
        }
    }

    /// <summary>Puts the lock file of another server in the place of that of this one, which may look in between.</summary>
    private static async Task<FileStream> TakeLockAsync(string path)
    {
        while (true)
        {
            try
            {
                File.Delete(path);
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException)
            {
                await Task.Yield();
            }
        }
    }
}

using System.Globalization;
using System.Text.Json;

namespace Weft.Server.Tests.Recovery;

public sealed class CronCrashTests
{
    [Fact]
    public async Task A_cron_runs_once_at_each_time_also_when_its_server_is_killed()
    {
        using var folder = new TempFolder();
        var start = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
        var runs = 0;
        for (var kill = 0; kill < 3; kill++)
        {
            using var host = await CrashHost.StartAsync(folder, "--open", "--sixty-from", start);
            if (kill == 0)
            {
                (await host.Root.PostAsync(
                    "/runs/crons",
                    """{"assistant_id":"steps","input":{},"schedule":"* * * * *","on_run_completed":"keep"}""")).ShouldBeOk();
            }

            var wanted = runs + 2;
            await Waiting.Until(async () => (runs = (await ThreadsAsync(host)).Count) >= wanted, $"{wanted} runs of the cron");
            await host.KillAsync();
        }

        using var last = await CrashHost.StartAsync(folder, "--open", "--sixty-from", start);
        (await last.Root.PostAsync("/runs/crons/count", "{}")).ShouldBeOk().Text.ShouldBe("1");
        await Waiting.Until(async () => (await ThreadsAsync(last)).Count > runs, "one more run of the cron");
        var threads = await ThreadsAsync(last);

        var due = new List<string>();
        foreach (var thread in threads)
        {
            var run = (await last.Root.GetAsync($"/threads/{thread.Text("thread_id")}/runs")).Json.EnumerateArray().ShouldHaveSingleItem();
            due.Add(run.GetProperty("metadata").Text("cron_due"));
            var values = await last.Root.GetAsync($"/threads/{thread.Text("thread_id")}/runs/{run.Text("run_id")}/join");
            values.ShouldBeOk().Json.GetProperty("steps").Strings().ShouldBe(["first", "second"]);
        }

        due.ShouldBeUnique();
        due.ShouldAllBe(time => time.EndsWith(":00+00:00", StringComparison.Ordinal));
    }

    private static async Task<List<JsonElement>> ThreadsAsync(CrashHost host) =>
        [.. (await host.Root.PostAsync("/threads/search", """{"limit":1000}""")).ShouldBeOk().Json.EnumerateArray()];
}

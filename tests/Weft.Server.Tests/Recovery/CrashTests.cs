using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.Data.Sqlite;

namespace Weft.Server.Tests.Recovery;

public sealed class CrashTests
{
    [Fact]
    public async Task A_run_whose_server_was_killed_goes_on_from_its_last_checkpoint()
    {
        using var folder = new TempFolder();
        string thread, path;
        using (var killed = await CrashHost.StartAsync(folder))
        {
            thread = await killed.Root.NewThreadAsync();
            using var stream = await killed.Root.StreamAsync(
                $"/threads/{thread}/runs/stream",
                """{"assistant_id":"steps","input":{},"durability":"sync","stream_mode":["custom"],"stream_resumable":true}""");
            await stream.UntilAsync("custom");
            path = $"/threads/{thread}/runs/{stream.Ids().RunId}";
            var waiting = await killed.Root.PostAsync($"/threads/{thread}/runs", """{"assistant_id":"steps","input":{}}""");
            waiting.ShouldBeOk();
            await killed.KillAsync();
        }

        using var next = await CrashHost.StartAsync(folder, "--open");

        (await next.Root.GetAsync(path + "/join")).ShouldBeOk();
        (await next.Root.GetAsync(path)).String("status").ShouldBe("success");
        var newest = (await next.Root.GetAsync($"/threads/{thread}/runs?limit=1")).Json[0].Text("run_id");
        (await next.Root.GetAsync($"/threads/{thread}/runs/{newest}/join"))
            .ShouldBeOk()
            .Json.GetProperty("steps")
            .Strings()
            .ShouldBe(["first", "second", "first", "second"]);

        // The node that had finished did not run again; the one that was killed did.
        (await File.ReadAllLinesAsync(Path.Combine(folder.Path, "executed"), TestContext.Current.CancellationToken))
            .ShouldBe(["first", "second", "second", "first", "second"]);
        var history = (await next.Root.PostAsync($"/threads/{thread}/history", """{"limit":100}""")).Json.EnumerateArray().ToList();
        history.Select(state => state.GetProperty("metadata").GetProperty("step").GetInt32()).ShouldBe([6, 5, 4, 3, 2, 1, 0, -1]);
        for (var i = 0; i < history.Count - 1; i++)
        {
            history[i].ParentId().ShouldBe(history[i + 1].CheckpointId());
        }

        using var replay = await next.Root.JoinAsync(path + "/stream", ("Last-Event-ID", "-1"));
        var frames = await replay.ToEndAsync();
        frames.Count(frame => frame.Event == "custom").ShouldBe(2);
        frames.Where(frame => frame.Event == "metadata").Select(frame => frame.Json.GetProperty("attempt").GetInt32()).ShouldBe([1, 2]);
        frames[^1].Json.Text("status").ShouldBe("success");
    }

    [Fact]
    public async Task What_was_told_of_a_resumable_run_outlives_the_server()
    {
        using var folder = new TempFolder();
        string path;
        var told = new List<SseFrame>();
        using (var killed = await CrashHost.StartAsync(folder))
        {
            using var stream = await killed.Root.StreamAsync(
                $"/threads/{await killed.Root.NewThreadAsync()}/runs/stream",
                """{"assistant_id":"telling","input":{},"stream_mode":["custom"],"stream_resumable":true}""");
            path = stream.Header("Location")!;
            told.Add((await stream.NextAsync())!);
            told.Add((await stream.NextAsync())!);
            using (HoldDatabase(folder))
            {
                // From here on the server can store nothing.
                await File.WriteAllTextAsync(Path.Combine(folder.Path, "go"), "", TestContext.Current.CancellationToken);
                var executed = Path.Combine(folder.Path, "executed");
                await Waiting.Until(() => Task.FromResult(File.ReadAllLines(executed).Contains("second")), "the second event");
                await killed.KillAsync();
            }

            told.AddRange(await stream.ToBreakAsync());
        }

        using var next = await CrashHost.StartAsync(folder, "--open");

        using var replay = await next.Root.JoinAsync(path, ("Last-Event-ID", "-1"));
        (await replay.ToEndAsync())[..told.Count].ShouldBe(told);
        using var rest = await next.Root.JoinAsync(path, ("Last-Event-ID", told[^1].Id!));
        var frames = await rest.ToEndAsync();
        (frames[0].Event, frames[0].Json.GetProperty("attempt").GetInt32()).ShouldBe(("metadata", 2));
        frames[1..].Select(frame => frame.Event).ShouldBe(["custom", "custom", "custom", "end"]);
    }

    [Fact]
    public async Task Who_comes_back_to_a_run_that_is_not_resumable_gets_all_of_the_new_attempt()
    {
        using var folder = new TempFolder();
        string path;
        SseFrame last;
        using (var killed = await CrashHost.StartAsync(folder))
        {
            using var stream = await killed.Root.StreamAsync(
                $"/threads/{await killed.Root.NewThreadAsync()}/runs/stream",
                """{"assistant_id":"steps","input":{},"stream_mode":["custom"]}""");
            path = stream.Header("Location")!;
            last = await stream.UntilAsync("custom");
            await killed.KillAsync();
        }

        using var next = await CrashHost.StartAsync(folder, "--open");

        using var rest = await next.Root.JoinAsync(path, ("Last-Event-ID", last.Id!));
        var frames = await rest.ToEndAsync();
        frames.Select(frame => frame.Event).ShouldBe(["metadata", "custom", "end"]);
        frames[0].Json.GetProperty("attempt").GetInt32().ShouldBe(2);
        frames.Select(frame => long.Parse(frame.Id!, CultureInfo.InvariantCulture))
            .ShouldAllBe(id => id > long.Parse(last.Id!, CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData("interrupt")]
    [InlineData("rollback")]
    public async Task A_cancel_that_was_acknowledged_outlives_the_server(string action)
    {
        using var folder = new TempFolder();
        string thread, path, second;
        using (var killed = await CrashHost.StartAsync(folder))
        {
            thread = await killed.Root.NewThreadAsync();
            using var stream = await killed.Root.StreamAsync(
                $"/threads/{thread}/runs/stream",
                """{"assistant_id":"deaf","input":{},"durability":"sync","stream_mode":["custom"]}""");
            await stream.UntilAsync("custom");
            path = $"/threads/{thread}/runs/{stream.Ids().RunId}";
            second = (await killed.Root.PostAsync($"/threads/{thread}/runs", """{"assistant_id":"steps","input":{}}"""))
                .ShouldBeOk().RunPath;
            (await killed.Root.PostAsync($"{path}/cancel?action={action}&reason=taken:enough")).ShouldBeOk();
            (await killed.Root.GetAsync(path)).String("status").ShouldBe("running");
            await killed.KillAsync();
        }

        using var next = await CrashHost.StartAsync(folder, "--open");

        var isRollback = action == "rollback";
        (await next.Root.GetAsync(second + "/join"))
            .ShouldBeOk()
            .Json.GetProperty("steps")
            .Strings()
            .ShouldBe(isRollback ? ["first", "second"] : ["first", "first", "second"]);
        var run = await next.Root.GetAsync(path);
        if (isRollback)
        {
            run.ShouldBe(HttpStatusCode.NotFound);
        }
        else
        {
            (run.ShouldBeOk().String("status"), run.String("cancel_reason")).ShouldBe(("interrupted", "taken:enough"));
        }

        (await File.ReadAllLinesAsync(Path.Combine(folder.Path, "executed"), TestContext.Current.CancellationToken))
            .ShouldBe(["first", "second", "first", "second"]);
    }

    [Fact]
    public async Task A_server_that_can_not_listen_begins_no_run()
    {
        using var folder = new TempFolder();
        string path;
        using (var killed = await CrashHost.StartAsync(folder))
        {
            using var stream = await killed.Root.StreamAsync(
                $"/threads/{await killed.Root.NewThreadAsync()}/runs/stream",
                """{"assistant_id":"steps","input":{},"durability":"sync","stream_mode":["custom"]}""");
            await stream.UntilAsync("custom");
            path = stream.Header("Location")![..^"/stream".Length];
            await killed.KillAsync();
        }

        using (var inUse = new TcpListener(IPAddress.Loopback, 0))
        {
            inUse.Start();
            for (var i = 0; i < 3; i++)
            {
                await Should.ThrowAsync<InvalidOperationException>(CrashHost.StartAsync(folder, "--urls", $"http://{inUse.LocalEndpoint}"));
            }
        }

        using var next = await CrashHost.StartAsync(folder, "--open");

        (await next.Root.GetAsync(path + "/join")).ShouldBeOk().Json.GetProperty("steps").Strings().ShouldBe(["first", "second"]);
        (await File.ReadAllLinesAsync(Path.Combine(folder.Path, "executed"), TestContext.Current.CancellationToken))
            .ShouldBe(["first", "second", "second"]);
    }

    [Fact]
    public async Task A_run_that_was_begun_too_often_is_given_up()
    {
        using var folder = new TempFolder();
        string thread = "", path = "";
        for (var attempt = 1; attempt <= 3; attempt++)
        {
            using var host = await CrashHost.StartAsync(folder);
            if (attempt == 1)
            {
                thread = await host.Root.NewThreadAsync();
                path = (await host.Root.PostAsync($"/threads/{thread}/runs", """{"assistant_id":"steps","input":{},"stream_mode":["custom"]}""")).RunPath;
            }

            using var stream = await host.Root.JoinAsync(path + "/stream", ("Last-Event-ID", "-1"));
            await stream.UntilAsync("custom");
            await host.KillAsync();
        }

        using var last = await CrashHost.StartAsync(folder);

        (await last.Root.GetAsync(path + "/join")).ShouldBeOk().Json.Names().ShouldContain("__error__");
        (await last.Root.GetAsync(path)).String("status").ShouldBe("error");
        (await last.Root.GetAsync($"/threads/{thread}")).String("status").ShouldBe("error");
    }

    /// <summary>Lets nobody else write to the database.</summary>
    private static SqliteConnection HoldDatabase(TempFolder folder)
    {
        var connection = new SqliteConnection($"Data Source={Path.Combine(folder.Path, "weft.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "BEGIN IMMEDIATE";
        command.ExecuteNonQuery();
        return connection;
    }
}

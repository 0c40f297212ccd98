using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Weft.Runs;
using Weft.Server.Tests.Access;
using Weft.Server.Tests.Webhooks;

namespace Weft.Server.Tests.Overview;

/// <summary>The feed of the changes of all threads.</summary>
public sealed class FeedTests
{
    [Fact]
    public async Task A_client_sees_what_changes_with_ids_and_without_content()
    {
        await using var server = await TestServer.StartAsync();
        using var feed = await server.Root.JoinAsync("/weft/events");
        var thread = await server.Root.NewThreadAsync();
        var run = await server.Root.StreamAsync($"/threads/{thread}/runs/stream", Bodies.Asking());
        await run.UntilAsync("end");
        await server.Root.PatchAsync($"/threads/{thread}", """{"metadata":{"secret":1}}""");
        await server.Root.SendAsync(HttpMethod.Put, "/store/items", """{"namespace":["n"],"key":"k","value":{"secret":1}}""");
        await server.Root.DeleteAsync($"/threads/{thread}/runs/{run.Ids().RunId}");
        await server.Root.DeleteAsync($"/threads/{thread}");

        var seen = await ReadAsync(feed, 8);

        seen.Select(frame => frame.Event).ShouldBe(
            [
                "thread.created", "run.created", "run.started", "run.paused", "thread.changed", "item.changed", "run.deleted",
                "thread.deleted",
            ]);
        seen[2].Json.Names().ShouldBe(["thread_id", "run_id", "assistant_id", "status", "at"]);
        seen[3].Json.Text("status").ShouldBe("success");
        seen[5].Json.GetProperty("namespace").ShouldBeJson("""["n"]""");
        seen.ShouldAllBe(frame => !frame.Data.Contains("secret"));
    }

    [Fact]
    public async Task A_webhook_that_is_given_up_is_seen()
    {
        await using var receiver = await HookReceiver.StartAsync(static http =>
        {
            http.Response.StatusCode = StatusCodes.Status410Gone;
            return Task.CompletedTask;
        });
        await using var server = await HookServer.StartAsync();
        using var feed = await server.Root.JoinAsync("/weft/events");
        var run = await server.RunAsync(receiver.Address);

        var seen = await ReadAsync(feed, 6);
        var failed = seen.Single(frame => frame.Event == "webhook.failed").Json;
        failed.Names().ShouldBe(["thread_id", "run_id", "at"]);
        failed.Text("run_id").ShouldBe(run);
    }

    [Fact]
    public async Task A_client_continues_after_the_last_event_that_it_has()
    {
        await using var server = await TestServer.StartAsync();
        string id;
        using (var feed = await server.Root.JoinAsync("/weft/events"))
        {
            await server.Root.PostAsync("/runs/wait", Bodies.Echo(more: ",\"on_completion\":\"keep\""));
            id = (await ReadAsync(feed, 2))[^1].Id!;
        }

        await server.Root.NewThreadAsync();
        using var again = await server.Gateway.JoinAsync("/weft/events", ("Last-Event-ID", id));

        (await ReadAsync(again, 3)).Select(frame => frame.Event).ShouldBe(["run.started", "run.ended", "thread.created"]);
    }

    [Theory]
    [InlineData("7")]
    [InlineData("000000000000-7")]
    [InlineData("anything")]
    public async Task An_unknown_id_is_answered_with_a_gap_and_what_follows(string id)
    {
        await using var server = await TestServer.StartAsync();
        await server.Root.NewThreadAsync();
        using var feed = await server.Root.JoinAsync("/weft/events", ("Last-Event-ID", id));
        await server.Root.PostAsync("/runs/wait", Bodies.Echo());

        var seen = await ReadAsync(feed, 2);

        seen.Select(frame => frame.Event).ShouldBe(["gap", "thread.created"]);
        using var again = await server.Root.JoinAsync("/weft/events", ("Last-Event-ID", seen[0].Id!));
        (await ReadAsync(again, 1))[0].Id.ShouldBe(seen[1].Id);
    }

    [Fact]
    public async Task The_ids_of_a_server_that_was_restarted_are_unknown()
    {
        var folder = Directory.CreateTempSubdirectory("weft-").FullName;
        try
        {
            string id;
            await using (var server = await TestServer.StartAsync(folder))
            {
                using var feed = await server.Root.JoinAsync("/weft/events");
                await server.Root.NewThreadAsync();
                id = (await ReadAsync(feed, 1))[0].Id!;
            }

            await using var next = await TestServer.StartAsync(folder);
            using var again = await next.Root.JoinAsync("/weft/events", ("Last-Event-ID", id));
            (await ReadAsync(again, 1))[0].Event.ShouldBe("gap");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task A_client_that_falls_behind_gets_a_gap_and_holds_up_nobody()
    {
        await using var server = await TestServer.StartAsync(configureRuns: runs => runs.FeedEventsMax = 4);
        string id;
        using (var feed = await server.Root.JoinAsync("/weft/events"))
        {
            await server.Root.NewThreadAsync();
            id = (await ReadAsync(feed, 1))[0].Id!;
        }

        for (var i = 0; i < 6; i++)
        {
            await server.Root.NewThreadAsync();
        }

        using var again = await server.Root.JoinAsync("/weft/events", ("Last-Event-ID", id));
        (await ReadAsync(again, 5)).Select(frame => frame.Event)
            .ShouldBe(["gap", "thread.created", "thread.created", "thread.created", "thread.created"]);
    }

    [Fact]
    public async Task An_actor_sees_only_its_own_changes()
    {
        await using var app = await GuestApp.StartAsync(app => app.MapWeft(), HeaderUsers.Add);
        using var feed = await app.Root.JoinAsync("/weft/events", ("x-user", "ada"));
        await app.Root.PostAsync("/threads", "{}", ("x-user", "bob"));
        await app.Root.PostAsync("/runs/wait", Bodies.Echo(), ("x-user", "bob"));
        var thread = (await app.Root.PostAsync("/threads", "{}", ("x-user", "ada"))).String("thread_id");

        (await ReadAsync(feed, 1))[0].Json.Text("thread_id").ShouldBe(thread);
    }

    [Fact]
    public async Task The_changes_of_others_leave_no_gap()
    {
        await using var server = await AccessServer.StartAsync(
            static weft => weft.ConfigureRuns(static runs => runs.FeedEventsMax = 4), hasOneActor: false);
        using var feed = await server.Root.JoinAsync("/weft/events", AccessServer.Bob);
        for (var i = 0; i < 10; i++)
        {
            await server.Root.PostAsync("/threads", "{}", AccessServer.Ada);
        }

        var thread = (await server.Root.PostAsync("/threads", "{}", AccessServer.Bob)).ShouldBeOk().String("thread_id");

        var seen = (await ReadAsync(feed, 1))[0];
        (seen.Event, seen.Json.Text("thread_id")).ShouldBe(("thread.created", thread));
    }

    [Fact]
    public async Task The_server_shows_its_readers_and_limits()
    {
        await using var server = await TestServer.StartAsync(configureRuns: runs => runs.ConcurrentRunsMax = 7);
        using var feed = await server.Root.JoinAsync("/weft/events");
        await server.Root.NewThreadAsync();
        await ReadAsync(feed, 1);

        var state = (await server.Root.GetAsync("/weft/server")).ShouldBeOk().Json;

        state.GetProperty("executing_runs").ShouldBeJson("""{"value":0,"limit":7}""");
        state.GetProperty("foreign_runs").ShouldBeJson("""{"value":0,"limit":null}""");
        state.GetProperty("feed_readers").ShouldBeJson("""{"value":1,"limit":null}""");
        state.GetProperty("feed_events").ShouldBeJson("""{"value":1,"limit":10000}""");
        state.GetProperty("storage_bytes").GetProperty("value").GetInt64().ShouldBeGreaterThan(10_000);
        state.GetProperty("storage_free_bytes").GetProperty("value").GetInt64().ShouldBeGreaterThanOrEqualTo(0);
        var features = (await server.Root.GetAsync("/info")).ShouldBeOk().Json.GetProperty("weft").GetProperty("features").Strings();
        features.ShouldContain("feed");
    }

    [Fact]
    public async Task The_size_of_storage_is_not_shown_to_those_who_see_only_a_part()
    {
        await using var server = await AccessServer.StartAsync(static weft => weft
            .Authorize(AccessResource.Threads, static context => AccessServer.UserOf(context) == "root"
                ? AccessResult.Allow
                : MetadataFilter.Equal("owner", AccessServer.UserOf(context))));

        (await ValueAsync(("x-user", "root"))).ValueKind.ShouldBe(JsonValueKind.Number);
        (await ValueAsync(AccessServer.Ada)).ValueKind.ShouldBe(JsonValueKind.Null);

        async Task<JsonElement> ValueAsync((string, string) user) =>
            (await server.Root.GetAsync("/weft/server", user)).ShouldBeOk().Json.GetProperty("storage_bytes").GetProperty("value");
    }

    private static async Task<List<SseFrame>> ReadAsync(SseStream feed, int count)
    {
        var frames = new List<SseFrame>();
        while (frames.Count < count)
        {
            frames.Add((await feed.NextAsync()).ShouldNotBeNull());
        }

        return frames;
    }
}

using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Weft.Graphs;
using Weft.Runs;
using Weft.Server.Tests.Recovery;
using static Weft.Server.Tests.Access.AccessServer;

namespace Weft.Server.Tests.Access;

/// <summary>Whom runs act for: who started them, also after a restart, or who created their cron.</summary>
public sealed class RunUserTests
{
    private static readonly (string, string) MayRun = ("x-permissions", "run read");

    [Fact]
    public async Task Nodes_know_the_permissions_of_the_caller_and_a_request_can_not_set_them()
    {
        await using var server = await StartAsync(static _ => { }, hasOneActor: false);
        var thread = (await server.Root.PostAsync("/threads", "{}", Ada)).ShouldBeOk().String("thread_id");
        const string run = """
            {"assistant_id":"configured","input":{},"config":{"configurable":{
              "langgraph_auth_user":{"identity":"root","permissions":["all"]},"langgraph_auth_permissions":["all"],"kept":1}}}
            """;

        var values = (await server.Root.PostAsync(
            $"/threads/{thread}/runs/wait", run, Ada, MayRun, ("langgraph_auth_user", "root"))).ShouldBeOk().Json;

        var configurable = values.GetProperty("configurable");
        configurable.GetProperty("langgraph_auth_permissions").Strings().ShouldBe(["run", "read"]);
        var user = configurable.GetProperty("langgraph_auth_user");
        (user.Text("identity"), user.Text("display_name")).ShouldBe(("ada", "ada"));
        user.GetProperty("permissions").Strings().ShouldBe(["run", "read"]);
        configurable.Text("langgraph_auth_user_id").ShouldBe("ada");
        (await server.Root.GetAsync($"/threads/{thread}/runs", Ada)).ShouldBeOk().Text.ShouldNotContain("permissions");
        // Permissions are those of the request, not of the thread.
        (await server.Root.PostAsync($"/threads/{thread}/runs/wait", """{"assistant_id":"configured","input":{}}""", Ada)).ShouldBeOk()
            .Json.GetProperty("configurable").GetProperty("langgraph_auth_permissions").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task A_run_that_the_next_server_takes_over_acts_for_the_same_user()
    {
        using var folder = new TempFolder();
        var gates = new Gates();
        var gate = gates.New();
        var first = await StartAsync();
        var thread = (await first.Root.PostAsync("/threads", "{}", Ada)).ShouldBeOk().String("thread_id");
        await first.Root.PostAsync($"/threads/{thread}/runs", Bodies.Gated(gate), Ada, MayRun);
        var waiting = await first.Root.PostAsync($"/threads/{thread}/runs", """{"assistant_id":"configured","input":{}}""", Ada, MayRun);
        await gate.EnteredAsync();
        await first.StopAsync();
        gate.Open();

        var second = await StartAsync();
        var values = (await second.Root.GetAsync(waiting.RunPath + "/join", Ada)).ShouldBeOk().Json;
        values.Text("actor").ShouldBe("ada");
        values.GetProperty("configurable").GetProperty("langgraph_auth_permissions").Strings().ShouldBe(["run", "read"]);
        (await second.Root.GetAsync(waiting.RunPath, Bob)).ShouldBe(HttpStatusCode.NotFound);
        await second.StopAsync();

        Task<TestServer> StartAsync() =>
            TestServer.StartAsync(folder.Path, gates, add: static weft => HeaderUsers.Add(weft.Services));
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task A_cron_acts_for_the_user_who_created_it(bool hasOneActor, bool restarts)
    {
        using var folder = new TempFolder();
        var time = new FakeTimeProvider(new DateTimeOffset(2031, 2, 3, 12, 0, 0, TimeSpan.Zero));
        var server = await StartCronsAsync();
        const string body = """
            {"assistant_id":"configured","schedule":"5 12 * * *","on_run_completed":"keep","input":{},"metadata":{"owner":"bob"},
             "config":{"configurable":{"langgraph_auth_user_id":"root","__root":"root"}}}
            """;
        var cron = (await server.Root.PostAsync("/runs/crons", body, Ada, MayRun)).ShouldBeOk();
        cron.Text.ShouldNotContain("permissions");
        if (restarts)
        {
            await server.StopAsync();
            server = await StartCronsAsync();
        }

        time.Advance(TimeSpan.FromMinutes(6));
        JsonElement threads = default;
        await Waiting.Until(
            async () =>
            {
                // The server may have begun to wait only after the time had come.
                time.Advance(TimeSpan.FromSeconds(1));
                threads = (await server.Root.PostAsync("/threads/search", "{}", Ada)).ShouldBeOk().Json;
                return threads.GetArrayLength() > 0 && threads[0].Text("status") != "busy";
            },
            "a run of the cron");

        var values = threads[0].GetProperty("values");
        values.Text("actor").ShouldBe(hasOneActor ? "org" : "ada");
        values.GetProperty("configurable").GetProperty("langgraph_auth_permissions").Strings().ShouldBe(["run", "read"]);
        values.GetRawText().ShouldNotContain("root");
        if (hasOneActor)
        {
            threads[0].GetProperty("metadata").Text("owner").ShouldBe("ada");
        }

        (await server.Root.PostAsync("/threads/search", "{}", Bob)).ShouldBeOk().Text.ShouldBe("[]");
        await server.StopAsync();

        Task<TestServer> StartCronsAsync() =>
            AccessServer.StartAsync(hasOneActor ? SeparateUsers : static _ => { }, hasOneActor, folder.Path, time);
    }

    [Fact]
    public async Task A_cron_can_not_use_the_thread_or_the_assistant_of_another_user()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2031, 2, 3, 12, 0, 0, TimeSpan.Zero));
        await using var server = await AccessServer.StartAsync(SeparateUsers, time: time);
        var ada = await Tenant.CreateAsync(server.Root, Ada);
        var before = (await server.Root.GetAsync($"/threads/{ada.ThreadId}/runs", Ada)).ShouldBeOk().Text;
        // Whether the thread exists is not told, so the cron is created, and its run is refused when it is due.
        var body = """{"assistant_id":"configured","schedule":"5 12 * * *","input":{},"if_not_exists":"create"}""";
        var cron = (await server.Root.PostAsync($"/threads/{ada.ThreadId}/runs/crons", body, Bob)).ShouldBeOk().String("cron_id");
        (await server.Root.PostAsync(
            "/runs/crons", $$"""{"input":{},"schedule":"5 12 * * *","assistant_id":"{{ada.AssistantId}}"}""", Bob))
            .ShouldBe(HttpStatusCode.NotFound);

        time.Advance(TimeSpan.FromMinutes(6));
        while ((await server.Root.GetAsync($"/runs/crons/{cron}", Bob)).ShouldBeOk().Json.GetProperty("next_run_date").ValueKind
            != JsonValueKind.Null)
        {
            await Task.Yield();
        }

        (await server.Root.GetAsync($"/threads/{ada.ThreadId}/runs", Ada)).ShouldBeOk().Text.ShouldBe(before);
    }
}

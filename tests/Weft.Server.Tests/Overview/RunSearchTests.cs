using System.Buffers.Text;
using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Weft.Server.Tests.Access;
using Weft.Server.Tests.Recovery;

namespace Weft.Server.Tests.Overview;

/// <summary>Searches for the runs of all threads.</summary>
public sealed class RunSearchTests
{
    [Fact]
    public async Task Runs_are_found_over_all_threads_with_when_they_ran_and_why_they_failed()
    {
        await using var server = await TestServer.StartAsync();
        await server.Root.PostAsync($"/threads/{await server.Root.NewThreadAsync()}/runs/wait", Bodies.Echo());
        await server.Root.PostAsync($"/threads/{await server.Root.NewThreadAsync()}/runs/wait", Bodies.Failing());

        var page = (await server.Root.PostAsync("/weft/runs/search", "{}")).ShouldBeOk().Json;
        page.GetProperty("next").ValueKind.ShouldBe(JsonValueKind.Null);
        page.GetProperty("runs").GetArrayLength().ShouldBe(2);
        var (failed, done) = (page.GetProperty("runs")[0], page.GetProperty("runs")[1]);
        failed.Text("status").ShouldBe("error");
        failed.GetProperty("error").Names().ShouldBe(["error", "message"]);
        failed.GetProperty("error").Text("error").ShouldNotBeEmpty();
        done.GetProperty("error").ValueKind.ShouldBe(JsonValueKind.Null);
        done.GetProperty("attempt").GetInt32().ShouldBe(1);
        done.GetProperty("waits_for").ValueKind.ShouldBe(JsonValueKind.Null);
        var (created, started, ended) = (TimeOf(done, "created_at"), TimeOf(done, "started_at"), TimeOf(done, "ended_at"));
        started.ShouldBeGreaterThanOrEqualTo(created);
        ended.ShouldBeGreaterThanOrEqualTo(started);

        (await server.Gateway.PostAsync("/weft/runs/search", """{"status":["error","timeout"],"select":["status","error"]}"""))
            .ShouldBeOk().Json.GetProperty("runs").EnumerateArray().ShouldHaveSingleItem().Names().ShouldBe(["status", "error"]);
        (await server.Root.PostAsync("/weft/runs/count", """{"graph_id":"echo"}""")).ShouldBeOk()
            .Json.ShouldBeJson("""{"counts":{"success":1},"capped":false}""");
        // The runs of a thread below /api/threads look as clients of the gateway expect them.
        (await server.Gateway.GetAsync($"/threads/{failed.Text("thread_id")}/runs")).ShouldBeOk().Json[0].Names().ShouldNotContain("attempt");
    }

    [Fact]
    public async Task A_run_says_what_it_waits_for()
    {
        await using var server = await TestServer.StartAsync();
        var gate = server.Gates.New();
        var thread = await server.Root.NewThreadAsync();
        var running = (await server.Root.PostAsync($"/threads/{thread}/runs", Bodies.Gated(gate))).String("run_id");
        await gate.EnteredAsync();
        var second = (await server.Root.PostAsync($"/threads/{thread}/runs", Bodies.Echo())).String("run_id");
        await server.Root.PostAsync($"/threads/{thread}/runs", Bodies.Echo());
        var later = (await server.Root.PostAsync(
            $"/threads/{await server.Root.NewThreadAsync()}/runs", Bodies.Echo(more: ",\"after_seconds\":600"))).String("run_id");

        var runs = (await server.Root.PostAsync("/weft/runs/search", """{"status":"pending"}""")).ShouldBeOk().Json.GetProperty("runs");
        var waits = runs.EnumerateArray().ToDictionary(run => run.Text("run_id"), run => run.GetProperty("waits_for"));
        waits[second].ShouldBeJson($$"""{"reason":"thread","run_id":"{{running}}","position":1,"until":null}""");
        waits.Values.ShouldContain(wait => wait.GetProperty("position").GetInt32() == 2 && wait.GetProperty("run_id").GetString() == second);
        waits[later].Text("reason").ShouldBe("time");
        waits[later].GetProperty("until").ValueKind.ShouldBe(JsonValueKind.String);
        (await server.Root.PostAsync("/weft/runs/count", "{}")).ShouldBeOk()
            .Json.ShouldBeJson("""{"counts":{"pending":3,"running":1},"capped":false}""");
        gate.Open();
    }

    [Fact]
    public async Task Five_thousand_runs_are_paged_while_others_are_added()
    {
        await using var server = await TestServer.StartAsync();
        var ids = new List<string>();
        var batch = $"[{string.Join(',', Enumerable.Repeat(Bodies.Echo(more: ",\"after_seconds\":3600"), 1_000))}]";
        for (var i = 0; i < 5; i++)
        {
            var created = (await server.Root.PostAsync("/runs/batch", batch)).ShouldBeOk().Json;
            ids.AddRange(created.EnumerateArray().Select(run => run.Text("run_id")));
        }

        var found = new List<string>();
        string? cursor = null;
        do
        {
            var page = (await server.Root.PostAsync(
                "/weft/runs/search", $$"""{"limit":500,"select":["run_id"],"cursor":{{JsonSerializer.Serialize(cursor)}}}""")).ShouldBeOk().Json;
            found.AddRange(page.GetProperty("runs").EnumerateArray().Select(run => run.Text("run_id")));
            cursor = page.GetProperty("next").GetString();
            await server.Root.PostAsync("/runs", Bodies.Echo(more: ",\"after_seconds\":3600"));
        }
        while (cursor is not null);

        found.Distinct().Count().ShouldBe(found.Count);
        found.OrderBy(id => id, StringComparer.Ordinal).ShouldBe(ids.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task An_actor_finds_only_its_own_runs()
    {
        await using var app = await GuestApp.StartAsync(app => app.MapWeft(), HeaderUsers.Add);
        (string, string) ada = ("x-user", "ada"), bob = ("x-user", "bob");
        await app.Root.PostAsync("/runs/wait", Bodies.Echo(more: ",\"on_completion\":\"keep\""), ada);

        (await app.Root.PostAsync("/weft/runs/search", "{}", ada)).ShouldBeOk().Json.GetProperty("runs").GetArrayLength().ShouldBe(1);
        (await app.Root.PostAsync("/weft/runs/search", "{}", bob)).ShouldBeOk().Json.ShouldBeJson("""{"runs":[],"next":null}""");
        (await app.Root.PostAsync("/weft/runs/count", "{}", bob)).ShouldBeOk().Json.ShouldBeJson("""{"counts":{},"capped":false}""");
    }

    [Fact]
    public async Task A_cursor_does_not_tell_of_runs_that_the_caller_may_not_see()
    {
        using var folder = new TempFolder();
        var hidden = new List<string>();
        var cursor = "";
        await using (var server = await StartAsync(folder.Path))
        {
            await server.Root.PostAsync("/runs/wait", Bodies.Echo(more: ",\"on_completion\":\"keep\""), AccessServer.Ada);
            for (var i = 0; i < 4; i++)
            {
                var run = await server.Root.PostAsync("/runs", Bodies.Echo(more: ",\"after_seconds\":3600"), AccessServer.Bob);
                hidden.Add(run.ShouldBeOk().String("run_id").Replace("-", "", StringComparison.Ordinal));
            }

            var page = await SearchAsync(server, null);
            page.GetProperty("runs").GetArrayLength().ShouldBe(0);
            cursor = page.Text("next");
            hidden.ShouldNotContain(Convert.ToHexStringLower(Base64Url.DecodeFromChars(cursor)));
        }

        // The cursor is still good after a restart.
        await using var next = await StartAsync(folder.Path);
        var last = await SearchAsync(next, (await SearchAsync(next, cursor)).Text("next"));
        last.GetProperty("runs").GetArrayLength().ShouldBe(1);
        last.GetProperty("next").ValueKind.ShouldBe(JsonValueKind.Null);

        static Task<TestServer> StartAsync(string folder) => AccessServer.StartAsync(
            static weft =>
            {
                AccessServer.SeparateUsers(weft);
                weft.ConfigureRuns(static runs => runs.SearchedRunsMax = 2);
            },
            folder: folder);

        static async Task<JsonElement> SearchAsync(TestServer server, string? cursor) => (await server.Root.PostAsync(
            "/weft/runs/search", $$"""{"cursor":{{JsonSerializer.Serialize(cursor)}}}""", AccessServer.Ada)).ShouldBeOk().Json;
    }

    [Theory]
    [InlineData("""{"status":"odd"}""", "status")]
    [InlineData("""{"status":5}""", "status")]
    [InlineData("""{"assistant_id":"nobody"}""", "assistant_id")]
    [InlineData("""{"thread_id":"x"}""", "thread_id")]
    [InlineData("""{"metadata":[]}""", "metadata")]
    [InlineData("""{"from":"yesterday"}""", "from")]
    [InlineData("""{"to":5}""", "to")]
    [InlineData("""{"min_seconds":-1}""", "min_seconds")]
    [InlineData("""{"cursor":"x"}""", "cursor")]
    [InlineData("""{"cursor":""}""", "cursor")]
    [InlineData("""{"cursor":"01a223a8-2798-7e37-b30d-e8bbe8258871"}""", "cursor")]
    [InlineData("""{"limit":0}""", "limit")]
    [InlineData("""{"select":["odd"]}""", "select")]
    public async Task A_condition_that_is_not_valid_is_refused_with_its_name(string body, string field)
    {
        await using var server = await TestServer.StartAsync();

        (await server.Root.PostAsync("/weft/runs/search", body)).ShouldBe(HttpStatusCode.UnprocessableEntity).Text.ShouldContain(field);
    }

    private static DateTimeOffset TimeOf(JsonElement run, string member) => run.GetProperty(member).GetDateTimeOffset();
}

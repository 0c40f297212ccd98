using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using static Weft.Server.Tests.Access.AccessServer;

namespace Weft.Server.Tests.Audit;

/// <summary>What the audit log has.</summary>
public sealed partial class AuditTests
{
    [Fact]
    public async Task A_line_has_who_did_what_to_which_id()
    {
        await using var audited = await AuditServer.StartAsync();
        var api = audited.Api;
        var thread = (await api.PostAsync("/threads", """{"metadata":{"secret":"s3cret"}}""", Ada)).ShouldBeOk().String("thread_id");
        var run = (await api.PostAsync($"/threads/{thread}/runs", Bodies.Echo("s3cret"), Ada)).ShouldBeOk().RunId;
        (await api.GetAsync($"/threads/{thread}/runs/{run}/join", Ada)).ShouldBeOk();

        var lines = audited.Take();

        lines.Count.ShouldBe(2);
        lines[0].Text.ShouldBe($"ada (127.0.0.1) create threads thread_id={thread}: 200 POST /threads");
        (lines[1].EventId, lines[1].Level).ShouldBe((1, LogLevel.Information));
        lines[1].Fields.ShouldBe(
            new Dictionary<string, object?>
            {
                ["Actor"] = "ada",
                ["Address"] = "127.0.0.1",
                ["Action"] = "create_run",
                ["Resource"] = "threads",
                ["Route"] = "POST /threads/{thread_id}/runs",
                ["Status"] = 200,
                ["thread_id"] = thread,
                ["run_id"] = run,
            },
            ignoreOrder: true);
        lines.ShouldAllBe(static line => !line.Text.Contains("s3cret"));
    }

    [Fact]
    public async Task Ids_that_are_only_in_bodies_and_answers_are_listed()
    {
        await using var audited = await AuditServer.StartAsync();
        var api = audited.Api;
        var batch = (await api.PostAsync("/runs/batch", $"[{Bodies.Echo()},{Bodies.Echo()}]", Ada)).ShouldBeOk().Json;
        Last(audited, "run_ids").ShouldBe($"{batch[0].Text("run_id")},{batch[1].Text("run_id")}");
        (await api.SendAsync(HttpMethod.Put, "/store/items", """{"namespace":["a","b"],"key":"k\nforged","value":{"x":"s3cret"}}""", Ada))
            .Status.ShouldBe(204);
        var item = audited.Take().Single();
        (item.Field("namespace"), item.Field("key"), item.Field("Action")).ShouldBe(("a.b", "k\\nforged", "put"));
        item.Text.ShouldNotContain("\n");
        item.Text.ShouldNotContain("s3cret");
        var assistant = (await api.PostAsync("/assistants", """{"graph_id":"echo"}""", Ada)).ShouldBeOk().String("assistant_id");
        Last(audited, "assistant_id").ShouldBe(assistant);
        var thread = (await api.PostAsync("/threads", null, Ada)).String("thread_id");
        var copy = (await api.PostAsync($"/threads/{thread}/copy", null, Ada)).ShouldBeOk().String("thread_id");
        Last(audited, "new_thread_id").ShouldBe(copy);
        (await api.PostAsync("/threads/prune", $$"""{"thread_ids":["{{thread}}","{{copy}}"]}""", Ada)).ShouldBeOk();
        Last(audited, "thread_ids").ShouldBe($"{thread},{copy}");
    }

    [Fact]
    public async Task Refused_changes_have_a_line_of_their_own_kind_and_wrong_ones_none()
    {
        await using var audited = await AuditServer.StartAsync(
            static weft => weft.Authorize(AccessResource.Assistants, AccessAction.Create, static _ => AccessResult.Deny()));
        var api = audited.Api;
        var thread = (await api.PostAsync("/threads", null, Ada)).String("thread_id");
        audited.Take();

        (await api.DeleteAsync($"/threads/{thread}", Bob)).ShouldBe(HttpStatusCode.NotFound);
        (await api.PostAsync("/assistants", """{"graph_id":"echo"}""", Bob)).ShouldBe(HttpStatusCode.Forbidden);
        (await api.PatchAsync($"/threads/{thread}", """{"metadata":7}""", Ada)).ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await api.GetAsync($"/threads/{thread}", Bob)).ShouldBe(HttpStatusCode.NotFound);

        var lines = audited.Take();
        lines.Select(static line => line.Text).ShouldBe(
        [
            $"bob (127.0.0.1) delete threads thread_id={thread}: 404 DELETE /threads/{{thread_id}}",
            "bob (127.0.0.1) create assistants: 403 POST /assistants",
        ]);
        lines.ShouldAllBe(static line => line.EventId == 2);
    }

    [Fact]
    public async Task The_line_of_a_stream_is_written_when_it_starts()
    {
        await using var audited = await AuditServer.StartAsync();
        var gate = audited.Server.Gates.New();
        var thread = (await audited.Api.PostAsync("/threads", null, Ada)).String("thread_id");
        audited.Take();
        using var stream = await audited.Api.StreamAsync($"/threads/{thread}/runs/stream", Bodies.Gated(gate), Ada);
        await gate.EnteredAsync();

        var line = audited.Take().Single();
        (line.Field("thread_id"), line.Field("run_id")).ShouldBe(stream.Ids());
        gate.Open();
        await stream.ToEndAsync();
        audited.Take().ShouldBeEmpty();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Commands_have_their_lines(bool isSocket)
    {
        await using var audited = await AuditServer.StartAsync();
        var api = audited.Api;
        var thread = (await api.PostAsync("/threads", null, Ada)).String("thread_id");
        audited.Take();
        const string start = """{"assistant_id":"echo","input":{"messages":[]}}""";
        if (isSocket)
        {
            using var socket = await SocketClient.OpenAsync(api, thread, Ada);
            (await socket.CommandAsync(1, "run.start", start)).Text("type").ShouldBe("success");
            (await socket.CommandAsync(2, "state.get")).Text("type").ShouldBe("success");
        }
        else
        {
            (await api.PostAsync($"/threads/{thread}/commands", $$"""{"id":1,"method":"run.start","params":{{start}}}""", Ada)).ShouldBeOk();
            (await api.PostAsync($"/threads/{thread}/commands", """{"id":2,"method":"state.get"}""", Ada)).ShouldBeOk();
        }

        var run = (await api.GetAsync($"/threads/{thread}/runs", Ada)).Json[0].Text("run_id");
        var route = isSocket ? "/threads/{thread_id}/stream/events" : "/threads/{thread_id}/commands";
        audited.Take().Single().Text.ShouldBe(
            $"ada (127.0.0.1) create_run threads thread_id={thread} run_id={run}: 200 run.start {route}");
        (await api.PostAsync($"/threads/{thread}/commands", """{"id":3,"method":"input.inject","params":{}}""", Bob))
            .ShouldBe(HttpStatusCode.NotFound);
        audited.Take().Single().EventId.ShouldBe(2);
    }

    [Fact]
    public async Task A_stream_that_cancels_its_run_first_has_a_line_and_others_have_none()
    {
        await using var audited = await AuditServer.StartAsync();
        var gate = audited.Server.Gates.New();
        var thread = (await audited.Api.PostAsync("/threads", null, Ada)).String("thread_id");
        var run = (await audited.Api.PostAsync($"/threads/{thread}/runs", Bodies.Gated(gate), Ada)).ShouldBeOk().RunId;
        await gate.EnteredAsync();
        audited.Take();
        (await audited.Api.PostAsync($"/api/threads/{thread}/runs/{run}/stream?action=interrupt", null, Ada)).ShouldBeOk();
        audited.Take().Single().Text.ShouldBe(
            $"ada (127.0.0.1) update threads thread_id={thread} run_id={run}: 200 POST /api/threads/{{thread_id}}/runs/{{run_id}}/stream");

        (await audited.Api.PostAsync($"/api/threads/{thread}/runs/{run}/stream", null, Ada)).ShouldBeOk();
        (await audited.Api.GetAsync($"/threads/{thread}/runs/{run}/stream?action=interrupt", Ada)).ShouldBeOk();
        (await audited.Api.GetAsync($"/threads/{thread}/runs/{run}/join?cancel_on_disconnect=0", Ada)).ShouldBeOk();
        (await audited.Api.GetAsync($"/threads/{thread}/runs/{run}/join?cancel_on_disconnect=yes", Ada)).Status.ShouldBe(422);
        audited.Take().ShouldBeEmpty();

        (await audited.Api.GetAsync($"/threads/{thread}/runs/{run}/join?cancel_on_disconnect=1", Ada)).ShouldBeOk();
        audited.Take().Single().Text.ShouldBe(
            $"ada (127.0.0.1) update threads thread_id={thread} run_id={run}: 200 GET /threads/{{thread_id}}/runs/{{run_id}}/join");
    }

    [Fact]
    public async Task A_caller_without_credentials_has_a_line_with_its_address()
    {
        await using var audited = await AuditServer.StartAsync(static weft => weft.Services.AddAuthorizationBuilder()
            .SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build()));

        (await audited.Api.PostAsync("/threads")).ShouldBe(HttpStatusCode.Unauthorized);
        (await audited.Api.GetAsync("/assistants/echo")).ShouldBe(HttpStatusCode.Unauthorized);

        var line = audited.Take().Single();
        (line.EventId, line.Text).ShouldBe((2, "anonymous (127.0.0.1) create threads: 401 POST /threads"));
    }

    [Fact]
    public async Task The_documented_line_has_the_fields_of_a_real_one()
    {
        var documented = JsonElement.Parse(Documented().Match(File.ReadAllText(Path.Combine(Here(), "../../../docs/operations.md"))).Groups[1].Value);
        await using var audited = await AuditServer.StartAsync();
        var thread = (await audited.Api.PostAsync("/threads", null, Ada)).String("thread_id");
        audited.Take();
        (await audited.Api.PostAsync($"/threads/{thread}/runs", Bodies.Echo(), Ada)).ShouldBeOk();
        var line = audited.Take().Single();

        var state = documented.GetProperty("State");
        state.EnumerateObject().Select(static field => field.Name).ShouldBe(line.Fields.Keys);
        string Like(string text) => line.Fields.Aggregate(
            text, (text, field) => text.Replace(state.GetProperty(field.Key).ToString(), field.Value!.ToString(), StringComparison.Ordinal));
        Like(documented.Text("Message")).ShouldBe(line.Text);
        documented.GetProperty("EventId").GetInt32().ShouldBe(line.EventId);
        documented.Text("Category").ShouldBe(AuditLog.Category);
    }

    [Fact]
    public async Task A_log_that_is_off_gets_nothing()
    {
        await using var audited = await AuditServer.StartAsync(isOn: false);
        (await audited.Api.PostAsync("/threads", null, Ada)).ShouldBeOk();
        audited.Take().ShouldBeEmpty();
    }

    private static string Here([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;

    [GeneratedRegex("^### Audit.*?^```json\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Documented();

    private static string? Last(AuditServer audited, string field) => audited.Take()[^1].Field(field);
}

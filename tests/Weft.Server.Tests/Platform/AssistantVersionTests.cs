using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;

namespace Weft.Server.Tests.Platform;

/// <summary>Assistants that clients create and change. They have a server of their own, whose assistants nobody else counts.</summary>
public sealed class AssistantVersionTests : IAsyncLifetime
{
    private TestServer _server = null!;

    private Api Root => _server.Root;

    private Api Gateway => _server.Gateway;

    public async ValueTask InitializeAsync() => _server = await TestServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_created_assistant_is_found_searched_and_counted()
    {
        foreach (var api in (Api[])[Root, Gateway])
        {
            var name = $"Trip planner {Guid.NewGuid()}";
            var created = (await api.PostAsync(
                "/assistants",
                $$$"""
                {"graph_id":"configured","name":"{{{name}}}","config":{"configurable":{"model":"small"}},"metadata":{"team":"travel"}}
                """))
                .ShouldBeOk().Json;
            created.GetProperty("version").GetInt32().ShouldBe(1);
            created.GetProperty("config").ShouldBeJson("""{"configurable":{"model":"small"}}""");
            created.GetProperty("context").ShouldBeJson("{}");

            var id = created.Text("assistant_id");
            (await api.GetAsync($"/assistants/{id}")).ShouldBeOk().Json.ShouldBeJson(created.GetRawText());
            var search = $$$"""{"name":"{{{name.ToUpperInvariant()}}}","metadata":{"team":"travel"}}""";
            var found = (await api.PostAsync("/assistants/search", search)).ShouldBeOk();
            found.Json.EnumerateArray().ShouldHaveSingleItem().Text("assistant_id").ShouldBe(id);
            found.Header("X-Pagination-Total").ShouldBe("1");
            (await api.PostAsync("/assistants/count", $$"""{"name":"{{name}}"}""")).Text.ShouldBe("1");
            (await api.GetAsync($"/assistants/{id}/schemas")).ShouldBeOk().Json.Text("graph_id").ShouldBe("configured");
            (await api.GetAsync($"/assistants/{id}/graph")).ShouldBeOk();
        }
    }

    [Fact]
    public async Task An_id_that_is_taken_is_a_conflict_or_returns_what_is_there()
    {
        var id = Guid.NewGuid().ToString();
        (await Root.PostAsync("/assistants", Create(id, "first"))).ShouldBeOk();

        (await Root.PostAsync("/assistants", Create(id, "second"))).ShouldBe(HttpStatusCode.Conflict);
        (await Root.PostAsync("/assistants", Create(id, "second", ",\"if_exists\":\"do_nothing\""))).ShouldBeOk().Json.Text("name")
            .ShouldBe("first");
        var ofGraph = (await Root.GetAsync("/assistants/echo")).String("assistant_id");
        (await Root.PostAsync("/assistants", Create(ofGraph, "mine"))).ShouldBe(HttpStatusCode.Conflict);
        (await Root.PostAsync("/assistants", Create(ofGraph, "mine", ",\"if_exists\":\"do_nothing\""))).ShouldBeOk().Json.Text("name")
            .ShouldBe("echo");
    }

    [Fact]
    public async Task A_change_is_a_new_version_and_an_older_one_can_be_chosen()
    {
        var id = (await Root.PostAsync(
            "/assistants",
            """{"graph_id":"configured","metadata":{"a":1,"b":1},"config":{"configurable":{"one":1}},"context":{"c":1}}"""))
            .String("assistant_id");

        var second = (await Root.PatchAsync($"/assistants/{id}", """{"config":{"configurable":{"two":2}},"metadata":{"b":2}}"""))
            .ShouldBeOk().Json;
        second.GetProperty("version").GetInt32().ShouldBe(2);
        second.GetProperty("config").ShouldBeJson("""{"configurable":{"two":2}}""");
        second.GetProperty("context").ShouldBeJson("""{"c":1}""");
        second.GetProperty("metadata").ShouldBeJson("""{"a":1,"b":2}""");

        (await Root.PostAsync($"/assistants/{id}/latest?version=2", null)).ShouldBeOk().Json.GetProperty("version").GetInt32().ShouldBe(2);
        var first = (await Root.PostAsync($"/assistants/{id}/latest", """{"version":1}""")).ShouldBeOk().Json;
        first.GetProperty("version").GetInt32().ShouldBe(1);
        first.GetProperty("config").ShouldBeJson("""{"configurable":{"one":1}}""");
        (await Root.GetAsync($"/assistants/{id}")).Json.GetProperty("version").GetInt32().ShouldBe(1);
        (await Root.PatchAsync($"/assistants/{id}", """{"name":"third"}""")).Json.GetProperty("version").GetInt32().ShouldBe(3);

        var versions = (await Root.PostAsync($"/assistants/{id}/versions", "{}")).ShouldBeOk().Json;
        versions.EnumerateArray().Select(version => version.GetProperty("version").GetInt32()).ShouldBe([3, 2, 1]);
        versions[0].Names().ShouldNotContain("updated_at");
        (await Root.PostAsync($"/assistants/{id}/versions", """{"metadata":{"b":2},"limit":1}""")).Json
            .EnumerateArray().ShouldHaveSingleItem().GetProperty("version").GetInt32().ShouldBe(2);
    }

    [Fact]
    public async Task Runs_use_the_version_that_is_current_when_they_are_created()
    {
        var id = (await Root.PostAsync(
            "/assistants",
            """{"graph_id":"configured","config":{"configurable":{"color":"red","own":"no"},"tags":["t"]},"context":{"size":1}}"""))
            .String("assistant_id");
        var body = $$$$"""{"assistant_id":"{{{{id}}}}","input":{},"config":{"configurable":{"own":"yes"}}}""";

        async Task<JsonElement> RunAsync(string thread) =>
            (await Root.PostAsync($"/threads/{thread}/runs/wait", body)).ShouldBeOk().Json.GetProperty("configurable");

        var thread = (await Root.PostAsync("/threads", "{}")).String("thread_id");
        var seen = await RunAsync(thread);
        (seen.Text("color"), seen.Text("own"), seen.Text("assistant_id"), seen.Text("graph_id")).ShouldBe(("red", "yes", id, "configured"));
        await Root.PatchAsync($"/assistants/{id}", """{"config":{"configurable":{"color":"blue"}}}""");
        (await RunAsync(thread)).Text("color").ShouldBe("blue");
        await Root.PostAsync($"/assistants/{id}/latest", """{"version":1}""");
        (await RunAsync(thread)).Text("color").ShouldBe("red");

        var metadata = (await Root.GetAsync($"/threads/{thread}")).Json.GetProperty("metadata");
        (metadata.Text("assistant_id"), metadata.Text("graph_id")).ShouldBe((id, "configured"));
        (await Root.GetAsync($"/threads/{thread}/runs")).Json[0].Text("assistant_id").ShouldBe(id);
    }

    [Fact]
    public async Task The_recursion_limit_of_an_assistant_is_that_of_its_runs()
    {
        var id = (await Root.PostAsync("/assistants", """{"graph_id":"endless","config":{"recursion_limit":3}}""")).String("assistant_id");

        var failed = (await Root.PostAsync("/runs/wait", $$$"""{"assistant_id":"{{{id}}}","input":{}}""")).Text;
        failed.ShouldContain("Recursion limit of 3");
        (await Root.PostAsync("/runs/wait", $$$"""{"assistant_id":"{{{id}}}","input":{},"config":{"recursion_limit":4}}"""))
            .Text.ShouldContain("Recursion limit of 4");
    }

    [Fact]
    public async Task Whoever_changes_the_assistant_of_a_graph_gets_one_of_their_own()
    {
        await using var app = await GuestApp.StartAsync(app => app.MapWeft(), HeaderUsers.Add);
        (string, string) ada = ("x-user", "ada"), bob = ("x-user", "bob");
        var before = (await app.Root.GetAsync("/assistants/configured", bob)).ShouldBeOk().Json;

        var changed = (await app.Root.PatchAsync("/assistants/configured", """{"config":{"configurable":{"color":"red"}}}""", ada))
            .ShouldBeOk().Json;
        (changed.Text("assistant_id"), changed.GetProperty("version").GetInt32()).ShouldBe((before.Text("assistant_id"), 2));
        const string Run = """{"assistant_id":"configured","input":{}}""";
        (await app.Root.PostAsync("/runs/wait", Run, ada)).ShouldBeOk().Json.GetProperty("configurable").Text("color").ShouldBe("red");
        (await app.Root.PostAsync("/runs/wait", Run, bob)).ShouldBeOk().Json.GetProperty("configurable").Names().ShouldNotContain("color");
        (await app.Root.GetAsync("/assistants/configured", bob)).Json.ShouldBeJson(before.GetRawText());
        var id = before.Text("assistant_id");
        (await app.Root.PostAsync("/assistants/search", """{"limit":99}""", ada)).Json
            .EnumerateArray().Count(assistant => assistant.Text("assistant_id") == id).ShouldBe(1);
        (await app.Root.PostAsync($"/assistants/{id}/latest", """{"version":1}""", ada)).ShouldBeOk();
        (await app.Root.DeleteAsync($"/assistants/{id}", bob)).ShouldBe(HttpStatusCode.Conflict);
        (await app.Root.DeleteAsync($"/assistants/{id}", ada)).ShouldBe(HttpStatusCode.NoContent);
        (await app.Root.GetAsync("/assistants/configured", ada)).Json.GetProperty("version").GetInt32().ShouldBe(1);
        (await app.Root.DeleteAsync($"/assistants/{id}", ada)).ShouldBe(HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task What_another_actor_created_does_not_exist()
    {
        await using var app = await GuestApp.StartAsync(app => app.MapWeft(), HeaderUsers.Add);
        (string, string) ada = ("x-user", "ada"), bob = ("x-user", "bob");
        var id = (await app.Root.PostAsync("/assistants", """{"graph_id":"echo","name":"secret"}""", ada)).ShouldBeOk()
            .String("assistant_id");

        foreach (var answer in (Answer[])
            [
                await app.Root.GetAsync($"/assistants/{id}", bob),
                await app.Root.PatchAsync($"/assistants/{id}", """{"name":"mine"}""", bob),
                await app.Root.DeleteAsync($"/assistants/{id}", bob),
                await app.Root.PostAsync($"/assistants/{id}/versions", "{}", bob),
                await app.Root.PostAsync($"/assistants/{id}/latest", """{"version":1}""", bob),
                await app.Root.GetAsync($"/assistants/{id}/schemas", bob),
                await app.Root.PostAsync("/runs", $$$"""{"assistant_id":"{{{id}}}","input":{}}""", bob),
            ])
        {
            answer.ShouldBe(HttpStatusCode.NotFound);
        }

        (await app.Root.PostAsync("/assistants/count", """{"name":"secret"}""", bob)).Text.ShouldBe("0");
        (await app.Root.PostAsync("/assistants", Create(id, "mine"), bob)).ShouldBeOk();
        (await app.Root.GetAsync($"/assistants/{id}", ada)).Json.Text("name").ShouldBe("secret");
    }

    [Fact]
    public async Task An_assistant_is_deleted_with_its_threads_if_asked()
    {
        var id = (await Root.PostAsync("/assistants", """{"graph_id":"echo"}""")).String("assistant_id");
        var threads = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            threads.Add((await Root.PostAsync("/threads", "{}")).String("thread_id"));
            var run = $$$"""{"assistant_id":"{{{(i == 2 ? "echo" : id)}}}","input":{}}""";
            (await Root.PostAsync($"/threads/{threads[^1]}/runs/wait", run)).ShouldBeOk();
        }

        (await Root.DeleteAsync($"/assistants/{id}?delete_threads=true")).ShouldBe(HttpStatusCode.NoContent);

        (await Root.GetAsync($"/assistants/{id}")).ShouldBe(HttpStatusCode.NotFound);
        (await Root.GetAsync($"/threads/{threads[0]}")).ShouldBe(HttpStatusCode.NotFound);
        (await Root.GetAsync($"/threads/{threads[1]}")).ShouldBe(HttpStatusCode.NotFound);
        (await Root.GetAsync($"/threads/{threads[2]}")).ShouldBeOk();
        (await Root.PostAsync("/runs", $$$"""{"assistant_id":"{{{id}}}","input":{}}""")).ShouldBe(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("{}", "graph_id")]
    [InlineData("""{"graph_id":1}""", "graph_id")]
    [InlineData("""{"graph_id":"echo","assistant_id":"x"}""", "assistant_id")]
    [InlineData("""{"graph_id":"echo","config":[]}""", "config")]
    [InlineData("""{"graph_id":"echo","config":{"configurable":1}}""", "config.configurable")]
    [InlineData("""{"graph_id":"echo","config":{"recursion_limit":0}}""", "config.recursion_limit")]
    [InlineData("""{"graph_id":"echo","context":"x"}""", "context")]
    [InlineData("""{"graph_id":"echo","metadata":"x"}""", "metadata")]
    [InlineData("""{"graph_id":"echo","if_exists":"x"}""", "if_exists")]
    [InlineData("""{"graph_id":"echo","name":{}}""", "name")]
    [InlineData("[]", "body")]
    public async Task A_wrong_body_is_refused_by_field(string body, string field)
    {
        var answer = await Root.PostAsync("/assistants", body);

        answer.ShouldBe(HttpStatusCode.UnprocessableEntity);
        answer.Text.ShouldContain(field);
    }

    [Fact]
    public async Task An_unknown_graph_assistant_or_version_is_not_found()
    {
        (await Root.PostAsync("/assistants", """{"graph_id":"nobody"}""")).ShouldBe(HttpStatusCode.NotFound);
        (await Root.PatchAsync("/assistants/echo", """{"graph_id":"nobody"}""")).ShouldBe(HttpStatusCode.NotFound);
        (await Root.PatchAsync($"/assistants/{Guid.NewGuid()}", "{}")).ShouldBe(HttpStatusCode.NotFound);
        (await Root.PostAsync("/assistants/echo/latest", """{"version":7}""")).ShouldBe(HttpStatusCode.NotFound);
        (await Root.PostAsync("/assistants/echo/latest", """{"version":99999999999999}""")).ShouldBe(HttpStatusCode.NotFound);
        (await Root.PostAsync("/assistants/echo/latest", "{}")).ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await Root.PostAsync("/assistants/echo/versions", "{}")).ShouldBeOk().Json.GetArrayLength().ShouldBe(1);
    }

    private static string Create(string id, string name, string more = "") =>
        $$"""{"graph_id":"echo","assistant_id":"{{id}}","name":"{{name}}"{{more}}}""";
}

using System.Net;
using System.Security.Claims;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Weft.Runs;

namespace Weft.Server.Tests.Platform;

/// <summary>Whom a call acts for, and what follows from it.</summary>
public sealed class ActorTests
{
    private const string Run = """{"assistant_id":"configured","input":{}}""";
    private const string Forged = """
        {"langgraph_auth_user_id":"root","langgraph_auth_user":{"identity":"root"},"langgraph_auth_permissions":["root"],
         "langgraph_auth_more":"root","__root":"root","kept":1}
        """;

    [Fact]
    public async Task An_authenticated_user_is_the_actor()
    {
        await using var app = await GuestApp.StartAsync(app => app.MapWeft(), HeaderUsers.Add);
        (string, string) ada = ("x-user", "ada"), bob = ("x-user", "bob");
        var thread = (await app.Root.PostAsync("/threads", "{}", ada)).ShouldBeOk().String("thread_id");

        (await app.Root.GetAsync($"/threads/{thread}", ada)).ShouldBeOk();
        (await app.Root.GetAsync($"/threads/{thread}", bob)).ShouldBe(HttpStatusCode.NotFound);
        (await app.Root.GetAsync($"/threads/{thread}")).ShouldBe(HttpStatusCode.NotFound);

        var values = (await app.Root.PostAsync($"/threads/{thread}/runs/wait", Run, ada)).ShouldBeOk().Json;
        values.Text("actor").ShouldBe("ada");
        var configurable = values.GetProperty("configurable");
        configurable.Text("langgraph_auth_user_id").ShouldBe("ada");
        configurable.GetProperty("langgraph_auth_user").Text("identity").ShouldBe("ada");
        configurable.GetProperty("langgraph_auth_permissions").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task A_body_can_not_say_who_calls()
    {
        await using var app = await GuestApp.StartAsync(app => app.MapWeft(), HeaderUsers.Add);
        const string forged = """
            {"assistant_id":"configured","input":{},"config":{"configurable":{
              "langgraph_auth_user_id":"root","langgraph_auth_user":{"identity":"root"},"langgraph_auth_permissions":["all"],"__root":"root","kept":1}}}
            """;

        foreach (var headers in ((string, string)[][])[[], [("x-user", "ada")]])
        {
            var thread = (await app.Root.PostAsync("/threads", "{}", headers)).ShouldBeOk().String("thread_id");
            var values = (await app.Root.PostAsync($"/threads/{thread}/runs/wait", forged, headers)).ShouldBeOk();
            values.Text.ShouldNotContain("root");
            values.Json.GetProperty("configurable").GetProperty("kept").GetInt32().ShouldBe(1);
            (await app.Root.GetAsync($"/threads/{thread}/state", headers)).ShouldBeOk().Text.ShouldNotContain("root");
            (await app.Root.GetAsync($"/threads/{thread}/runs", headers)).ShouldBeOk().Text.ShouldNotContain("root");
        }

        (await app.Root.PostAsync("/runs/wait", Run))
            .ShouldBeOk()
            .Json.GetProperty("configurable")
            .Names()
            .ShouldNotContain("langgraph_auth_user_id");
    }

    [Fact]
    public async Task No_protocol_lets_a_body_say_who_calls()
    {
        await using var app = await GuestApp.StartAsync(app => app.MapWeft());
        const string config = $$$"""
            "config":{"configurable":{{{Forged}}}}
            """;
        var root = app.Root;

        var batch = (await root.PostAsync(
            "/runs/batch", $$$"""[{"assistant_id":"configured","input":{},"on_completion":"keep",{{{config}}}}]""")).ShouldBeOk();
        var (ofBatch, batched) = (batch.Json[0].Text("thread_id"), batch.Json[0].Text("run_id"));
        CheckValues((await root.GetAsync($"/threads/{ofBatch}/runs/{batched}/join")).ShouldBeOk());

        var thread = await root.NewThreadAsync();
        var started = await root.StartAsync(thread, "configured", "{}", "," + config);
        CheckValues((await root.GetAsync($"/threads/{thread}/runs/{started}/join")).ShouldBeOk());
        var fork = (await root.GetAsync($"/threads/{thread}/state")).Json.GetProperty("checkpoint").Text("checkpoint_id");
        var forked = await root.SucceedAsync(thread, "state.fork", $$$"""{"checkpoint_id":"{{{fork}}}","input":{},{{{config}}}}""");
        CheckValues((await root.GetAsync($"/threads/{thread}/runs/{forked.Text("run_id")}/join")).ShouldBeOk());

        var shown = await root.AgUiAsync("configured", AgUiCalls.Body(thread, "", $$$""","forwardedProps":{ {{{config}}} }"""));
        shown.State!.ToJsonString().ShouldContain("\"kept\":1");
        shown.State!.ToJsonString().ShouldNotContain("root");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_assistant_can_not_say_who_calls(bool isAuthenticated)
    {
        IAssistantStore store = null!;
        await using var app = await GuestApp.StartAsync(
            app =>
            {
                store = app.Services.GetRequiredService<IAssistantStore>();
                app.MapWeft();
            },
            HeaderUsers.Add);
        (string, string)[] headers = isAuthenticated ? [("x-user", "ada")] : [];
        const string forged = $$$"""{"graph_id":"configured","config":{"configurable":{{{Forged}}}}}""";

        var created = (await app.Root.PostAsync("/assistants", forged, headers)).ShouldBeOk();
        var patched = (await app.Root.PostAsync("/assistants", """{"graph_id":"configured"}""", headers)).ShouldBeOk();
        (await app.Root.PatchAsync("/assistants/" + patched.String("assistant_id"), forged, headers)).ShouldBeOk();
        (await app.Root.PatchAsync("/assistants/configured", forged, headers)).ShouldBeOk();
        var stored = new AssistantId(Guid.NewGuid());
        await store.TryCreateAsync(
            new AssistantRecord
            {
                AssistantId = stored,
                Owner = isAuthenticated ? "ada" : "",
                GraphId = "configured",
                Name = "Of an earlier version",
                Config = JsonElement.Parse(forged).GetProperty("config"),
                Metadata = JsonElement.Parse("{}"),
                CreatedAt = DateTimeOffset.UnixEpoch,
                UpdatedAt = DateTimeOffset.UnixEpoch,
            },
            TestContext.Current.CancellationToken);

        foreach (var id in (string[])[created.String("assistant_id"), patched.String("assistant_id"), "configured", stored.ToString()])
        {
            if (id != stored.ToString())
            {
                (await app.Root.GetAsync("/assistants/" + id, headers)).ShouldBeOk().Text.ShouldNotContain("root", Case.Sensitive, id);
            }

            var thread = (await app.Root.PostAsync("/threads", "{}", headers)).ShouldBeOk().String("thread_id");
            var run = $$$"""{"assistant_id":"{{{id}}}","input":{}}""";
            CheckValues((await app.Root.PostAsync($"/threads/{thread}/runs/wait", run, headers)).ShouldBeOk());
            (await app.Root.GetAsync($"/threads/{thread}/history", headers)).ShouldBeOk().Text.ShouldNotContain("root");
            (await app.Root.GetAsync($"/threads/{thread}/runs", headers)).ShouldBeOk().Text.ShouldNotContain("root");
        }
    }

    [Fact]
    public async Task An_assistant_can_not_take_the_place_of_a_header()
    {
        await using var app = await GuestApp.StartAsync(app => app.MapWeft());
        const string assistant = """
            {"graph_id":"configured","config":{"configurable":{"X-User":"root","x-user":"root","x-Team":"root","x-other":"kept"}}}
            """;
        var id = (await app.Root.PostAsync("/assistants", assistant)).ShouldBeOk().String("assistant_id");
        var run = $$$"""{"assistant_id":"{{{id}}}","input":{}}""";

        var values = (await app.Root.PostAsync("/runs/wait", run, ("X-User", "ada"), ("X-Team", "blue"))).ShouldBeOk();
        values.Text.ShouldNotContain("root");
        values.Text.ShouldNotContain("ada");
        var configurable = values.Json.GetProperty("configurable");
        (configurable.Text("x-team"), configurable.Text("x-other")).ShouldBe(("blue", "kept"));
        // Without such headers they are members like others.
        (await app.Root.PostAsync("/runs/wait", run)).ShouldBeOk().Json.GetProperty("configurable").Text("x-user").ShouldBe("root");
    }

    [Fact]
    public async Task The_application_may_say_who_the_actor_is()
    {
        await using var app = await GuestApp.StartAsync(
            app => app.MapWeft(), configure: options => options.ActorOf = http => http.Request.Headers["my-tenant"]);

        (await app.Root.PostAsync("/runs/wait", Run, ("my-tenant", "t1"))).ShouldBeOk().Json.Text("actor").ShouldBe("t1");
        (await app.Root.PostAsync("/runs/wait", Run)).ShouldBeOk().Text.ShouldContain("\"actor\":null");
    }

    [Theory]
    [InlineData(ClaimTypes.NameIdentifier, "id")]
    [InlineData("sub", "id")]
    [InlineData(ClaimTypes.Name, "name")]
    public async Task The_name_identifier_of_a_user_counts_before_its_name(string type, string expected)
    {
        await using var app = await GuestApp.StartAsync(app =>
        {
            app.Use((http, next) =>
            {
                http.User = new ClaimsPrincipal(
                    new ClaimsIdentity([new Claim(ClaimTypes.Name, "name"), new Claim(type, expected)], "test"));
                return next(http);
            });
            app.MapWeft();
        });

        (await app.Root.PostAsync("/runs/wait", Run)).ShouldBeOk().Json.Text("actor").ShouldBe(expected);
    }

    [Fact]
    public async Task Middleware_may_set_the_actor()
    {
        await using var app = await GuestApp.StartAsync(app =>
        {
            app.Use((http, next) =>
            {
                http.Features.Set(new Actor("ada"));
                return next(http);
            });
            app.MapWeft();
        });

        (await app.Root.PostAsync("/runs/wait", Run)).ShouldBeOk().Json.Text("actor").ShouldBe("ada");
    }

    [Fact]
    public async Task Each_actor_has_items_of_its_own()
    {
        await using var app = await GuestApp.StartAsync(app => app.MapWeft(), HeaderUsers.Add);
        const string item = """{"namespace":["n"],"key":"k","value":{"of":"ada"}}""";

        (await app.Root.SendAsync(HttpMethod.Put, "/store/items", item, ("x-user", "ada"))).ShouldBe(HttpStatusCode.NoContent);

        (await app.Root.GetAsync("/store/items?namespace=n&key=k", ("x-user", "ada"))).ShouldBeOk().Text.ShouldContain("ada");
        (await app.Root.GetAsync("/store/items?namespace=n&key=k", ("x-user", "bob"))).ShouldBeOk().Text.ShouldBe("null");
        (await app.Root.GetAsync("/store/items?namespace=n&key=k")).ShouldBeOk().Text.ShouldBe("null");
    }

    private static void CheckValues(Answer values)
    {
        values.Text.ShouldNotContain("root");
        values.Json.GetProperty("configurable").GetProperty("kept").GetInt32().ShouldBe(1);
    }
}

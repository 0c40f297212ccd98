using System.Net;
using System.Security.Claims;
using Microsoft.AspNetCore.Builder;
using Weft.Runs;

namespace Weft.Server.Tests.Platform;

/// <summary>Whom a call acts for, and what follows from it.</summary>
public sealed class ActorTests
{
    private const string Run = """{"assistant_id":"configured","input":{}}""";

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
}

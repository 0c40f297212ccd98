using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.HostFiltering;
using Microsoft.Extensions.DependencyInjection;

namespace Weft.Server.Tests.Hosting;

/// <summary>What pages in a browser can do to a server, first of all to one on the developer's own machine.</summary>
public sealed class BrowserTests(SharedServer shared) : ServerTests(shared)
{
    private const string Foreign = "https://evil.example";

    [Theory]
    [InlineData("http://localhost:3000")]
    [InlineData("http://127.0.0.1:5173")]
    [InlineData("http://[::1]:80")]
    [InlineData("http://app.localhost")]
    public async Task Pages_of_this_machine_may_call(string origin)
    {
        var preflight = await PreflightAsync(origin, "POST");

        preflight.Status.ShouldBe(204);
        preflight.Header("Access-Control-Allow-Origin").ShouldBe(origin);
        preflight.Header("Access-Control-Allow-Methods").ShouldBe("POST");
        preflight.Header("Access-Control-Allow-Headers").ShouldBe("content-type,x-api-key");
        preflight.Header("Access-Control-Max-Age").ShouldBe("600");
        (await Root.PostAsync("/threads", "{}", ("Origin", origin))).ShouldBeOk().Header("Access-Control-Allow-Origin").ShouldBe(origin);
        (await Root.GetAsync("/threads/" + NewId(), ("Origin", origin)))
            .ShouldBe(HttpStatusCode.NotFound)
            .Header("Access-Control-Allow-Origin")
            .ShouldBe(origin);
    }

    [Theory]
    [InlineData("/threads", "PATCH")]
    [InlineData("/threads/search", "POST")]
    [InlineData("/api/threads/t1/runs/stream", "POST")]
    [InlineData("/store/items", "DELETE")]
    [InlineData("/agui/echo", "POST")]
    public async Task Every_path_answers_a_preflight(string path, string method) => (await Root.SendAsync(
        HttpMethod.Options,
        path,
        null,
        ("Origin", "http://localhost:3000"),
        ("Access-Control-Request-Method", method))).Header("Access-Control-Allow-Methods").ShouldBe(method);

    [Theory]
    [InlineData(Foreign)]
    [InlineData("http://localhost.evil.example")]
    [InlineData("null")]
    public async Task A_foreign_page_can_change_nothing_and_read_nothing(string origin)
    {
        (await PreflightAsync(origin, "POST")).Header("Access-Control-Allow-Origin").ShouldBeNull();
        (await Root.GetAsync("/info", ("Origin", origin))).ShouldBeOk().Header("Access-Control-Allow-Origin").ShouldBeNull();

        // As a form sends it, without a preflight.
        var answer = await Root.PostAsync("/runs/wait", Bodies.Echo(), ("Origin", origin), ("Content-Type", "text/plain"));

        answer.ShouldBe(HttpStatusCode.Forbidden).Detail.ShouldContain("CorsOrigins");
        (await Root.DeleteAsync("/threads/" + NewId())).ShouldBe(HttpStatusCode.NotFound);
        (await Gateway.SendAsync(HttpMethod.Delete, "/threads/t1", null, ("Origin", origin))).ShouldBe(HttpStatusCode.Forbidden);
    }

    [Theory]
    [InlineData("?action=interrupt&wait=1")]
    [InlineData("?action=rollback")]
    [InlineData("?cancel_on_disconnect=1")]
    [InlineData("?cancel_on_disconnect=true")]
    public async Task A_foreign_page_can_not_cancel_a_run_with_an_image(string query)
    {
        var gate = Gates.New();
        var run = await Gateway.PostAsync($"/threads/{NewId()}/runs", Bodies.Gated(gate));
        await gate.EnteredAsync();

        foreach (var site in (string[])["cross-site", "same-site"])
        {
            foreach (var api in (Api[])[Gateway, Root])
            {
                var refused = await api.GetAsync(
                    run.RunPath + "/stream" + query, ("Sec-Fetch-Site", site), ("Sec-Fetch-Dest", "image"), ("Sec-Fetch-Mode", "no-cors"));
                refused.ShouldBe(HttpStatusCode.Forbidden).Text.ShouldContain("origin");
            }
        }

        (await Gateway.GetAsync(run.RunPath + "/stream" + query, ("Origin", Foreign), ("Sec-Fetch-Site", "cross-site")))
            .ShouldBe(HttpStatusCode.Forbidden).Text.ShouldContain("CorsOrigins");
        (await Root.GetAsync(run.RunPath + "/join" + query, ("Sec-Fetch-Site", "cross-site"))).ShouldBe(HttpStatusCode.Forbidden);
        (await Root.GetAsync(run.RunPath)).ShouldBeOk().Json.Text("status").ShouldBe("running");
        gate.Open();
        (await Root.GetAsync(run.RunPath + "/join", ("Sec-Fetch-Site", "cross-site"))).ShouldBeOk();
    }

    [Theory]
    [InlineData]
    [InlineData("Sec-Fetch-Site", "same-origin")]
    [InlineData("Sec-Fetch-Site", "none")]
    [InlineData("Origin", "http://localhost:3000", "Sec-Fetch-Site", "same-site")]
    [InlineData("Origin", "http://127.0.0.1:3000", "Sec-Fetch-Site", "cross-site")]
    public async Task Clients_and_pages_of_this_machine_may_cancel_a_run_with_a_get(params string[] headers)
    {
        var gate = Gates.New();
        var run = await Gateway.PostAsync($"/threads/{NewId()}/runs", Bodies.Gated(gate));
        await gate.EnteredAsync();

        var answer = await Gateway.GetAsync(
            run.RunPath + "/stream?action=interrupt&wait=1", [.. headers.Chunk(2).Select(pair => (pair[0], pair[1]))]);

        answer.ShouldBe(HttpStatusCode.NoContent);
        (await Root.GetAsync(run.RunPath)).ShouldBeOk().Json.Text("status").ShouldBe("interrupted");
    }

    [Fact]
    public async Task A_page_of_the_server_itself_may_call_it()
    {
        (await Root.PostAsync("/threads", "{}", ("Host", "192.0.2.7:8123"), ("Origin", "http://192.0.2.7:8123"))).ShouldBeOk();
        (await Root.PostAsync("/threads", "{}", ("Origin", "https://public.example"), ("Sec-Fetch-Site", "same-origin"))).ShouldBeOk();
    }

    [Theory]
    [InlineData("localhost", 200)]
    [InlineData("weft.localhost:8123", 200)]
    [InlineData("192.0.2.7:8123", 200)]
    [InlineData("[::1]:8123", 200)]
    [InlineData("evil.example", 400)]
    [InlineData("localhost.evil.example", 400)]
    public async Task A_host_that_is_not_this_server_is_refused(string host, int status)
    {
        foreach (var path in (string[])["/info", "/api/ok", "/openapi.json"])
        {
            (await Root.GetAsync(path, ("Host", host))).Status.ShouldBe(status, path);
        }

        (await Root.PostAsync("/runs/wait", Bodies.Echo(), ("Host", host), ("Origin", "http://" + host))).Status.ShouldBe(status);
    }

    [Fact]
    public async Task Hosts_that_were_named_are_let_in()
    {
        await using var server = await TestServer.StartAsync(configure: options =>
        {
            options.AllowedHosts.Add("agents.example");
            options.AllowedHosts.Add("*.internal");
        });

        (await server.Root.GetAsync("/info", ("Host", "agents.example:80"))).ShouldBeOk();
        (await server.Root.GetAsync("/info", ("Host", "a.internal"))).ShouldBeOk();
        (await server.Root.GetAsync("/info", ("Host", "evil.example")))
            .ShouldBe(HttpStatusCode.BadRequest)
            .Detail.ShouldContain("AllowedHosts");
    }

    [Fact]
    public async Task Any_host_is_let_in_when_the_application_says_so_or_checks_itself()
    {
        await using var any = await TestServer.StartAsync(configure: options => options.AllowedHosts.Add("*"));
        (await any.Root.GetAsync("/info", ("Host", "evil.example"))).ShouldBeOk();

        await using var filtered = await GuestApp.StartAsync(
            app => app.MapWeft(),
            services => services.PostConfigure<HostFilteringOptions>(filter => filter.AllowedHosts = ["public.example", "127.0.0.1"]));
        (await filtered.Root.GetAsync("/info", ("Host", "public.example"))).ShouldBeOk();
    }

    [Fact]
    public async Task An_application_that_knows_its_callers_is_reached_by_its_public_name()
    {
        await using var app = await GuestApp.StartAsync(app => app.MapWeft().RequireAuthorization(), HeaderUsers.Add);

        (await app.Root.PostAsync("/threads", "{}", ("Host", "public.example"), ("x-user", "ada"))).ShouldBeOk();
        (await app.Root.PostAsync("/threads", "{}", ("Host", "public.example"))).ShouldBe(HttpStatusCode.Unauthorized);
        (await app.Root.PostAsync("/threads", "{}", ("Host", "public.example"), ("Origin", Foreign), ("x-user", "ada")))
            .ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task A_page_can_read_that_its_call_was_not_authorized()
    {
        const string page = "http://localhost:3000";
        await using var app = await GuestApp.StartAsync(
            app =>
            {
                app.MapGet("/mine", () => "mine").RequireAuthorization();
                app.MapWeft("/agents").RequireAuthorization();
            },
            HeaderUsers.Add);

        (await app.Root.PostAsync("/agents/threads", "{}", ("Origin", page)))
            .ShouldBe(HttpStatusCode.Unauthorized).Header("Access-Control-Allow-Origin").ShouldBe(page);
        (await app.Root.PostAsync("/agents/threads", "{}", ("Origin", Foreign)))
            .ShouldBe(HttpStatusCode.Unauthorized).Header("Access-Control-Allow-Origin").ShouldBeNull();
        (await app.Root.GetAsync("/mine", ("Origin", page)))
            .ShouldBe(HttpStatusCode.Unauthorized).Header("Access-Control-Allow-Origin").ShouldBeNull();
    }

    [Fact]
    public async Task Only_the_origins_that_were_named_are_let_in_when_some_were()
    {
        await using var server = await TestServer.StartAsync(configure: options =>
        {
            options.CorsOrigins.Add("https://app.example");
            options.CorsOrigins.Add("https://*.preview.example");
        });

        var named = await server.Root.GetAsync("/ok", ("Origin", "https://app.example"));
        named.Header("Access-Control-Allow-Origin").ShouldBe("https://app.example");
        named.Header("Access-Control-Allow-Credentials").ShouldBe("true");
        (await server.Root.PostAsync("/threads", "{}", ("Origin", "https://7.preview.example"))).ShouldBeOk();
        (await server.Root.GetAsync("/ok", ("Origin", "https://other.example"))).Header("Access-Control-Allow-Origin").ShouldBeNull();
        (await server.Root.PostAsync("/threads", "{}", ("Origin", "http://localhost:3000"))).ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Any_origin_may_call_when_the_application_says_so()
    {
        await using var server = await TestServer.StartAsync(configure: options => options.CorsOrigins.Add("*"));

        (await server.Root.PostAsync("/threads", "{}", ("Origin", Foreign)))
            .ShouldBeOk()
            .Header("Access-Control-Allow-Origin")
            .ShouldBe("*");
    }

    [Fact]
    public async Task A_page_may_read_the_headers_that_tell_ids_and_pages()
    {
        var exposed = (await Root.GetAsync("/ok", ("Origin", "http://localhost:3000"))).Header("Access-Control-Expose-Headers")!.Split(',');

        exposed.ShouldBe(["Content-Location", "Location", "X-Pagination-Total", "X-Pagination-Next", "Retry-After", "x-request-id"], ignoreOrder: true);
    }

    private Task<Answer> PreflightAsync(string origin, string method) => Root.SendAsync(
        HttpMethod.Options,
        "/threads",
        null,
        ("Origin", origin),
        ("Access-Control-Request-Method", method),
        ("Access-Control-Request-Headers", "content-type,x-api-key"));
}

using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;

namespace Weft.Server.Tests.Platform;

public sealed class SystemTests(SharedServer shared) : ServerTests(shared)
{
    [Theory]
    [InlineData("")]
    [InlineData("?check_db=1")]
    public async Task Ok_says_so(string query)
    {
        (await Root.GetAsync("/ok" + query)).ShouldBeOk().Text.ShouldBe("""{"ok":true}""");
        (await Gateway.GetAsync("/ok" + query)).ShouldBeOk().Text.ShouldBe("""{"ok":true}""");
        (await Root.SendAsync(HttpMethod.Head, "/ok" + query, null)).ShouldBeOk().Text.ShouldBeEmpty();
    }

    [Fact]
    public async Task Info_tells_the_version_and_what_the_server_can_do()
    {
        var info = (await Root.GetAsync("/info")).ShouldBeOk().Json;

        info.Text("version").ShouldNotBeEmpty();
        info.GetProperty("flags").ShouldBeJson(
            """{"assistants":true,"crons":true,"langsmith":false,"strict_resume":true,"stream_namespaces":true}""");
        info.GetProperty("weft").GetProperty("features").Strings().ShouldBe([
            "run_members", "run_search", "run_events", "queue", "usage", "scores", "feed", "thread_messages", "thread_preview",
            "server_state", "webhooks", "timeline",
        ]);
    }

    [Fact]
    public async Task The_openapi_document_lists_the_routes_of_both_mounts()
    {
        var document = (await Root.GetAsync("/openapi.json")).ShouldBeOk().Json;

        document.Text("openapi").ShouldStartWith("3.");
        var paths = document.GetProperty("paths");
        foreach (var path in (string[])[
            "/ok", "/info", "/assistants/search", "/threads", "/threads/search", "/threads/{thread_id}",
            "/threads/{thread_id}/state", "/threads/{thread_id}/history",
            "/threads/{thread_id}/runs", "/threads/{thread_id}/runs/stream", "/threads/{thread_id}/runs/wait",
            "/threads/{thread_id}/runs/{run_id}",
            "/threads/{thread_id}/runs/{run_id}/join", "/threads/{thread_id}/runs/{run_id}/stream", "/threads/{thread_id}/runs/{run_id}/cancel",
            "/runs", "/runs/stream", "/runs/wait", "/runs/batch", "/store/items", "/store/items/search",
            "/store/namespaces", "/api/store/items",
            "/api/threads/runs", "/api/threads/runs/stream", "/api/threads/runs/wait", "/api/threads/{thread_id}/runs/{run_id}/messages"])
        {
            paths.Names().ShouldContain(path);
        }

        document.GetProperty("info").Text("version").ShouldBe((await Root.GetAsync("/info")).String("version"));
        paths.GetProperty("/api/threads/{thread_id}/runs/{run_id}/stream").Names().ShouldBe(["get", "post"], ignoreOrder: true);
        paths.GetProperty("/api/threads/{thread_id}/runs/{run_id}").Names().ShouldBe(["get", "delete"], ignoreOrder: true);
    }

    [Fact]
    public async Task The_openapi_document_is_made_once_for_many_requests_at_the_same_time()
    {
        var times = 0;
        await using var server = await TestServer.StartAsync(change: services =>
            services.Configure<OpenApiOptions>("weft", options => options.AddDocumentTransformer((_, _, _) =>
            {
                Interlocked.Increment(ref times);
                return Task.CompletedTask;
            })));

        var documents = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => server.Root.GetAsync("/openapi.json")));

        documents.Select(document => document.ShouldBeOk().Text).Distinct().ShouldHaveSingleItem();
        times.ShouldBe(1);
    }

    [Theory]
    [InlineData("/threads", "post", "200 409 422")]
    [InlineData("/threads/search", "post", "200 422")]
    [InlineData("/threads/{thread_id}", "get", "200 404 422")]
    [InlineData("/threads/{thread_id}/state", "get", "200 404 422")]
    [InlineData("/threads/{thread_id}/state", "post", "200 400 404 409 422")]
    [InlineData("/threads/{thread_id}/history", "post", "200 404 422")]
    [InlineData("/threads/{thread_id}/runs", "get", "200 404 422")]
    [InlineData("/threads/{thread_id}/runs", "post", "200 404 409 422")]
    [InlineData("/threads/{thread_id}/runs/stream", "post", "200 404 409 422")]
    [InlineData("/threads/{thread_id}/runs/{run_id}", "delete", "204 404 409 422")]
    [InlineData("/threads/{thread_id}/runs/{run_id}/cancel", "post", "200 404 422")]
    [InlineData("/api/threads/{thread_id}/runs/{run_id}/cancel", "post", "200 404 409 422")]
    [InlineData("/runs/wait", "post", "200 404 422")]
    [InlineData("/assistants/search", "post", "200 422")]
    [InlineData("/assistants/{assistant_id}", "get", "200 404 422")]
    [InlineData("/store/items", "put", "204 400 422")]
    [InlineData("/info", "get", "200 400")]
    public async Task The_openapi_document_tells_how_calls_are_refused(string path, string method, string statuses)
    {
        var document = (await Root.GetAsync("/openapi.json")).ShouldBeOk().Json;
        var responses = document.GetProperty("paths").GetProperty(path).GetProperty(method).GetProperty("responses");

        responses.Names().ShouldBe(statuses.Split(' '));
        foreach (var refusal in responses.EnumerateObject().Skip(1))
        {
            refusal.Value.GetProperty("content")
                .GetProperty("application/json")
                .GetProperty("schema")
                .Text("$ref")
                .ShouldBe("#/components/schemas/Problem");
        }

        document.GetProperty("components")
            .GetProperty("schemas")
            .GetProperty("Problem")
            .GetProperty("properties")
            .Names()
            .ShouldBe(["detail"]);
    }

    [Fact]
    public async Task The_prefixes_that_proxies_rewrite_are_served_too()
    {
        (await Root.GetAsync("/api/langgraph/info")).ShouldBeOk();
        (await Root.PostAsync($"/api/langgraph-compat/threads/{NewId()}/runs/wait", Bodies.Echo()))
            .ShouldBeOk()
            .Json.Texts()
            .ShouldBe(["hi", "echo: hi"]);
    }

    [Fact]
    public async Task An_unknown_route_is_not_found() => (await Root.GetAsync("/nowhere")).Status.ShouldBe(404);
}

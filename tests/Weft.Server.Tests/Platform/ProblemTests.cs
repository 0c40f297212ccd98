using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;

namespace Weft.Server.Tests.Platform;

public sealed class ProblemTests(SharedServer shared) : ServerTests(shared)
{
    [Theory]
    [InlineData("{}", "assistant_id")]
    [InlineData("""{"assistant_id":5}""", "assistant_id")]
    [InlineData("""{"assistant_id":"echo","input":"text"}""", "input")]
    [InlineData("""{"assistant_id":"echo","stream_mode":["colours"]}""", "stream_mode")]
    [InlineData("""{"assistant_id":"echo","multitask_strategy":"queue"}""", "multitask_strategy")]
    [InlineData("""{"assistant_id":"echo","config":{"recursion_limit":"many"}}""", "config.recursion_limit")]
    [InlineData("""{"assistant_id":"echo","durability":"maybe"}""", "durability")]
    [InlineData("""{"assistant_id":"echo","interrupt_before":[7]}""", "interrupt_before")]
    [InlineData("""{"assistant_id":"echo","input":{},"command":7}""", "command")]
    [InlineData("""{"assistant_id":"echo","input":{},"command":{"goto":"nobody"}}""", "command")]
    [InlineData("""{"assistant_id":"echo","command":{"goto":"nobody"}}""", "command")]
    public async Task A_wrong_field_is_named_in_text(string body, string field) =>
        (await Root.PostAsync($"/threads/{await Root.NewThreadAsync()}/runs", body))
            .ShouldBe(HttpStatusCode.UnprocessableEntity)
            .Detail.ShouldContain(field);

    [Theory]
    [InlineData("/threads", """{"thread_id":"not-a-uuid"}""")]
    [InlineData("/threads", """{"metadata":5}""")]
    [InlineData("/threads", """{"if_exists":"maybe"}""")]
    [InlineData("/threads/search", """{"limit":0}""")]
    [InlineData("/threads/search", """{"limit":1001}""")]
    [InlineData("/threads/search", """{"offset":-1}""")]
    [InlineData("/threads/search", """{"status":"asleep"}""")]
    [InlineData("/threads/search", """{"sort_by":"colour"}""")]
    [InlineData("/threads/search", """{"sort_order":"up"}""")]
    [InlineData("/threads/search", """{"select":["colour"]}""")]
    [InlineData("/threads/search", """{"values":"x"}""")]
    [InlineData("/threads/search", """{"ids":["x"]}""")]
    [InlineData("/assistants/search", """{"limit":0}""")]
    [InlineData("/assistants/search", """{"sort_by":"colour"}""")]
    [InlineData("/runs", "{")]
    [InlineData("/runs/batch", "{}")]
    [InlineData("/runs/batch", "[null]")]
    [InlineData("/threads/0198c7f2-53a1-7c55-9d4e-6b1f0a9c8e21/runs", null)]
    [InlineData("/threads/0198c7f2-53a1-7c55-9d4e-6b1f0a9c8e21/state", null)]
    [InlineData("/threads/0198c7f2-53a1-7c55-9d4e-6b1f0a9c8e21/state/checkpoint", null)]
    [InlineData("/store/items/search", "{}")]
    [InlineData("/threads/not-a-uuid/runs", "{}")]
    [InlineData("/threads/not-a-uuid/history", "{}")]
    public async Task A_wrong_request_is_refused_with_a_text(string path, string? body) =>
        (await Root.PostAsync(path, body)).ShouldBe(HttpStatusCode.UnprocessableEntity).Detail.ShouldNotBeEmpty();

    [Theory]
    [InlineData("/threads/not-a-uuid")]
    [InlineData("/threads/0198c7f2-53a1-7c55-9d4e-6b1f0a9c8e21/runs/not-a-uuid")]
    [InlineData("/threads/0198c7f2-53a1-7c55-9d4e-6b1f0a9c8e21/runs?limit=0")]
    [InlineData("/threads/0198c7f2-53a1-7c55-9d4e-6b1f0a9c8e21/runs?status=asleep")]
    [InlineData("/threads/0198c7f2-53a1-7c55-9d4e-6b1f0a9c8e21/runs?limit=NaN")]
    [InlineData("/threads/0198c7f2-53a1-7c55-9d4e-6b1f0a9c8e21/runs?offset=NaN")]
    [InlineData("/threads/0198c7f2-53a1-7c55-9d4e-6b1f0a9c8e21/runs?offset=Infinity")]
    [InlineData("/threads/0198c7f2-53a1-7c55-9d4e-6b1f0a9c8e21/runs?offset=99999999999999999999999")]
    [InlineData("/runs/not-a-uuid/stream")]
    [InlineData("/threads/0198c7f2-53a1-7c55-9d4e-6b1f0a9c8e21%20")]
    [InlineData("/threads/0198c7f2-53a1-7c55-9d4e-6b1f0a9c8e21/runs/%200198c7f2-53a1-7c55-9d4e-6b1f0a9c8e21")]
    [InlineData("/threads/0198c7f2-53a1-7c55-9d4e-6b1f0a9c8e21/history?before=0198c7f2-53a1-7c55-9d4e-6b1f0a9c8e21%20")]
    [InlineData("/store/items?key=x")]
    public async Task A_wrong_path_or_query_is_refused(string path) =>
        (await Root.GetAsync(path)).ShouldBe(HttpStatusCode.UnprocessableEntity).Detail.ShouldNotBeEmpty();

    [Theory]
    [InlineData("/threads/0198c7f2-53a1-7c55-9d4e-6b1f0a9c8e21")]
    [InlineData("/threads/0198c7f2-53a1-7c55-9d4e-6b1f0a9c8e21/runs")]
    [InlineData("/threads/0198c7f2-53a1-7c55-9d4e-6b1f0a9c8e21/runs/0198c7f3-0b7e-7d11-8a55-2f6a1c0d9e33")]
    [InlineData("/threads/0198c7f2-53a1-7c55-9d4e-6b1f0a9c8e21/runs/0198c7f3-0b7e-7d11-8a55-2f6a1c0d9e33/join")]
    [InlineData("/threads/0198c7f2-53a1-7c55-9d4e-6b1f0a9c8e21/runs/0198c7f3-0b7e-7d11-8a55-2f6a1c0d9e33/stream")]
    [InlineData("/runs/0198c7f3-0b7e-7d11-8a55-2f6a1c0d9e33/stream")]
    public async Task What_is_not_there_is_not_found(string path) =>
        (await Root.GetAsync(path)).ShouldBe(HttpStatusCode.NotFound).Detail.ShouldNotBeEmpty();

    [Theory]
    [InlineData("/threads/a/b/c/d")]
    [InlineData("/api/nothing")]
    public async Task A_path_that_leads_nowhere_is_answered_with_a_body(string path) =>
        (await Root.GetAsync(path)).ShouldBe(HttpStatusCode.NotFound).Detail.ShouldBe("Not Found");

    [Fact]
    public async Task A_method_that_a_path_has_not_is_answered_with_a_body_and_those_that_it_has()
    {
        var answer = (await Root.PatchAsync("/threads", "{}")).ShouldBe(HttpStatusCode.MethodNotAllowed);
        answer.Detail.ShouldBe("Method Not Allowed");
        answer.Header("Allow").ShouldBe("POST");
    }

    [Fact]
    public async Task Paths_outside_of_the_api_are_the_applications_own() =>
        (await Root.GetAsync("/elsewhere")).ShouldBe(HttpStatusCode.NotFound).Text.ShouldBeEmpty();

    [Fact]
    public async Task An_unknown_assistant_is_not_found() =>
        (await Root.PostAsync("/runs", """{"assistant_id":"nobody"}"""))
            .ShouldBe(HttpStatusCode.NotFound)
            .Detail.ShouldContain("No assistant found");

    /// <summary>Half of a surrogate pair is no text that UTF-8 can write, yet JSON can.</summary>
    [Theory]
    [InlineData("/runs/wait", """{"assistant_id":"\ud800","input":{}}""")]
    [InlineData("/runs/wait", """{"assistant_id":"echo","input":{"messages":"\ud800"}}""")]
    [InlineData("/runs/wait", """{"assistant_id":"echo","input":{"messages":[{"role":"human","content":"\udc00 x"}]}}""")]
    [InlineData("/runs/wait", """{"assistant_id":"echo","input":{"messages":[{"role":"\ud800","content":"x"}]}}""")]
    [InlineData("/runs/wait", """{"assistant_id":"echo","input":{"messages":[{"role":"human","content":"x","id":"\ud800"}]}}""")]
    [InlineData("/runs/wait", """{"assistant_id":"echo","input":{"title":"\ud800"}}""")]
    [InlineData("/runs/wait", """{"assistant_id":"echo","input":{"\ud800":"x"}}""")]
    [InlineData("/runs/wait", """{"assistant_id":"echo","input":{},"metadata":{"\ud800":"\ud800"}}""")]
    [InlineData("/runs/wait", """{"assistant_id":"echo","input":{},"config":{"configurable":{"a":"\ud800","\ud800":1}}}""")]
    [InlineData("/runs/wait", """{"assistant_id":"configured","input":{},"config":{"configurable":{"a":"\ud800","\ud800":1}},"context":{"a":"\ud800"}}""")]
    [InlineData("/runs/wait", """{"assistant_id":"asking","command":{"resume":"\ud800"}}""")]
    [InlineData("/runs/wait", """{"assistant_id":"echo","command":{"goto":"\ud800"}}""")]
    [InlineData("/runs/wait", """{"assistant_id":"echo","command":{"update":{"title":"\ud800"}}}""")]
    [InlineData("/runs/wait", """{"assistant_id":"echo","input":{},"checkpoint_id":"\ud800"}""")]
    [InlineData("/runs/wait", """{"assistant_id":"echo","input":{},"stream_mode":"\ud800"}""")]
    [InlineData("/runs/wait", """{"assistant_id":"echo","input":{},"multitask_strategy":"\ud800"}""")]
    [InlineData("/runs/wait", """{"assistant_id":"echo","input":{},"interrupt_before":["\ud800"]}""")]
    [InlineData("/runs/wait", """{"assistant_id":"echo","input":{},"webhook":"\ud800"}""")]
    [InlineData("/runs/wait", """{"assistant_id":"echo","input":{},"feedback_keys":["\ud800"]}""")]
    [InlineData("/runs/wait", """{"assistant_id":"echo","input":{},"follow_up_to_run_id":"\ud800"}""")]
    [InlineData("/api/threads/runs/wait", """{"assistant_id":"echo","input":{"messages":"\ud800"}}""")]
    [InlineData("/api/threads/runs/wait", """{"on_disconnect":"\ud800"}""")]
    [InlineData("/runs/stream", """{"assistant_id":"echo","input":{"messages":"\ud800"}}""")]
    [InlineData("/threads", """{"thread_id":"\ud800"}""")]
    [InlineData("/threads", """{"metadata":{"a":"\ud800"}}""")]
    [InlineData("/threads/search", """{"metadata":{"a":"\ud800"}}""")]
    [InlineData("/threads/search", """{"values":{"\ud800":"\ud800"}}""")]
    [InlineData("/threads/search", """{"select":["\ud800"]}""")]
    [InlineData("/assistants/search", """{"name":"\ud800","metadata":{"a":"\ud800"}}""")]
    [InlineData("/runs/cancel", """{"status":"\ud800"}""")]
    public async Task Half_a_character_never_breaks_the_server(string path, string body) =>
        (await Root.PostAsync(path, body)).Status.ShouldBeLessThan(500);

    [Theory]
    [InlineData("/state", """{"values":{"title":"\ud800"},"as_node":"answer"}""")]
    [InlineData("/state", """{"values":{"title":"x"},"as_node":"\ud800"}""")]
    [InlineData("/state", """{"values":{"title":"x"},"checkpoint_id":"\ud800"}""")]
    [InlineData("/state/checkpoint", """{"checkpoint":{"checkpoint_id":"\ud800"}}""")]
    [InlineData("/history", """{"before":"\ud800"}""")]
    [InlineData("/history", """{"metadata":{"a":"\ud800"}}""")]
    public async Task Half_a_character_never_breaks_a_thread(string path, string body)
    {
        var thread = await Root.NewThreadAsync();
        await Root.PostAsync($"/threads/{thread}/runs/wait", Bodies.Echo());

        (await Root.PostAsync($"/threads/{thread}{path}", body)).Status.ShouldBeLessThan(500);

        (await Root.GetAsync($"/threads/{thread}/state")).ShouldBeOk();
        (await Root.PatchAsync($"/threads/{thread}", """{"metadata":{"a":"\ud800"}}""")).Status.ShouldBeLessThan(500);
        (await Root.GetAsync($"/threads/{thread}")).ShouldBeOk();
    }

    [Fact]
    public async Task Half_a_character_becomes_the_replacement_character_and_a_whole_one_stays()
    {
        var values = (await Root.PostAsync("/runs/wait", """{"assistant_id":"echo","input":{"messages":"a\ud83dz \ud83d\ude00 \\ud83d \u00e9"}}"""))
            .ShouldBeOk().Json;

        values.Texts()[0].ShouldBe("a\ufffdz 😀 \\ud83d é");
    }

    [Fact]
    public async Task Bytes_that_are_no_text_are_refused()
    {
        using var http = new HttpClient { BaseAddress = Root.BaseAddress };
        using var content = new ByteArrayContent([.. "{\"assistant_id\":\"echo\",\"input\":{\"messages\":\""u8, 0xff, 0xfe, .. "\"}}"u8]);

        using var response = await http.PostAsync(new Uri("/runs/wait", UriKind.Relative), content, TestContext.Current.CancellationToken);

        response.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
    }

    [Fact]
    public async Task An_id_has_no_spaces_around_it()
    {
        var thread = await Root.NewThreadAsync();
        await Root.PostAsync($"/threads/{thread}/runs/wait", Bodies.Echo());
        var checkpoint = (await Root.GetAsync($"/threads/{thread}/state")).Json.CheckpointId();
        var assistant = (await Root.GetAsync("/assistants/echo")).String("assistant_id");

        (await Root.GetAsync($"/threads/{thread}%20")).ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await Root.GetAsync($"/threads/{thread}/state/{checkpoint}%20")).ShouldBe(HttpStatusCode.NotFound);
        (await Root.GetAsync($"/assistants/{assistant}%20")).ShouldBe(HttpStatusCode.NotFound);
        (await Root.GetAsync($"/assistants/{assistant}")).ShouldBeOk();
    }

    [Fact]
    public async Task An_answer_of_an_error_keeps_the_headers_of_the_application()
    {
        await using var server = await TestServer.StartAsync(use: app => app.Use((http, next) =>
        {
            http.Response.Headers["X-Frame-Options"] = "DENY";
            return next(http);
        }));

        foreach (var (api, path) in ((Api, string)[])[(server.Root, "/threads/x/runs"), (server.Root, "/runs"), (server.Gateway, "/threads/a b/runs"), (server.Root, "/threads/a/b/c")])
        {
            var answer = await api.PostAsync(path, "{}");
            answer.Status.ShouldBeInRange(400, 499);
            answer.Header("X-Frame-Options").ShouldBe("DENY");
        }
    }

    [Fact]
    public async Task A_server_holds_so_many_runs_and_asks_to_try_again_later()
    {
        await using var server = await TestServer.StartAsync(
            configureRuns: options => (options.ConcurrentRunsMax, options.QueuedRunsMax) = (1, 2));
        var (gate, thread) = (server.Gates.New(), await server.Root.NewThreadAsync());
        await server.Root.PostAsync($"/threads/{thread}/runs", Bodies.Gated(gate));
        await gate.EnteredAsync();

        (await server.Root.PostAsync("/runs/batch", $"[{Bodies.Echo()},{Bodies.Echo()},{Bodies.Echo()}]")).Status.ShouldBe(429);
        (await server.Root.PostAsync($"/threads/{thread}/runs", Bodies.Echo())).ShouldBeOk();
        (await server.Root.PostAsync("/runs", Bodies.Echo())).ShouldBeOk();
        foreach (var (api, path) in ((Api, string)[])[(server.Root, $"/threads/{thread}/runs"), (server.Root, "/runs/wait"), (server.Gateway, "/threads/runs/stream"), (server.Root, "/runs/batch")])
        {
            var refused = await api.PostAsync(path, path == "/runs/batch" ? $"[{Bodies.Echo()}]" : Bodies.Echo());
            refused.Status.ShouldBe(429, refused.Text);
            refused.Header("Retry-After").ShouldBe("5");
            refused.Detail.ShouldContain("(2)");
        }

        // A run that takes the place of others is one less.
        var last =
            (await server.Root.PostAsync($"/threads/{thread}/runs", Bodies.Echo(more: ""","multitask_strategy":"interrupt" """)))
            .ShouldBeOk();
        (await server.Root.GetAsync(last.RunPath + "/join")).ShouldBeOk();
        (await server.Root.PostAsync("/runs/wait", Bodies.Echo())).ShouldBeOk();
        gate.Open();
    }

    [Fact]
    public async Task A_batch_has_a_bound()
    {
        await using var server = await TestServer.StartAsync(configure: options => options.BatchRunsMax = 2);

        (await server.Root.PostAsync("/runs/batch", $"[{Bodies.Echo()},{Bodies.Echo()},{Bodies.Echo()}]"))
            .ShouldBe(HttpStatusCode.UnprocessableEntity)
            .Detail.ShouldContain("at most 2");
        (await server.Root.PostAsync("/runs/batch", $"[{Bodies.Echo()},{Bodies.Echo()}]")).ShouldBeOk();
    }

    [Fact]
    public async Task A_body_that_is_too_large_is_refused()
    {
        await using var server = await TestServer.StartAsync(configure: options => options.RequestBodyBytesMax = 1_000);

        var answer = await server.Root.PostAsync("/runs", Bodies.Echo(new string('x', 2_000)));

        answer.ShouldBe(HttpStatusCode.RequestEntityTooLarge).Detail.ShouldNotBeEmpty();
        (await server.Gateway.PostAsync("/threads/runs", Bodies.Echo(new string('x', 2_000))))
            .ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        (await server.Root.PostAsync("/runs/wait", Bodies.Echo())).ShouldBeOk();
    }

    [Fact]
    public async Task A_body_that_nests_too_deep_is_refused()
    {
        var nested = new StringBuilder().Insert(0, "[", 5_000).Append(']', 5_000).ToString();

        (await Root.PostAsync("/runs", $$$"""{"assistant_id":"echo","input":{"messages":{{{nested}}} }}"""))
            .ShouldBe(HttpStatusCode.UnprocessableEntity)
            .Detail.ShouldStartWith("body: It is not valid JSON, or nests deeper than 910 levels");
    }

    [Fact]
    public async Task An_error_never_says_where_the_code_is() =>
        (await Root.PostAsync("/runs/wait", Bodies.Failing())).Text.ShouldNotContain(" at ");
}

using System.Net;
using System.Text.Json;

namespace Weft.Server.Tests.Mcp;

/// <summary>What clients send that is not right is answered with the errors of JSON-RPC.</summary>
public sealed class McpRefusalTests(SharedServer shared) : ServerTests(shared)
{
    [Theory]
    [InlineData("", 400, -32700)]
    [InlineData("{", 400, -32700)]
    [InlineData("hello", 400, -32700)]
    [InlineData("{}{}", 400, -32700)]
    [InlineData("null", 400, -32600)]
    [InlineData("7", 400, -32600)]
    [InlineData("[]", 400, -32600)]
    [InlineData("""[{"jsonrpc":"2.0","id":1,"method":"ping"}]""", 400, -32600)]
    [InlineData("{}", 400, -32600)]
    [InlineData("""{"jsonrpc":"1.0","id":1,"method":"ping"}""", 400, -32600)]
    [InlineData("""{"jsonrpc":"2.0","id":null,"method":"ping"}""", 400, -32600)]
    [InlineData("""{"jsonrpc":"2.0","id":{},"method":"ping"}""", 400, -32600)]
    [InlineData("""{"jsonrpc":"2.0","id":1}""", 400, -32600)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":7}""", 400, -32600)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"nothing"}""", 200, -32601)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"resources/list"}""", 200, -32601)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"ping","params":[]}""", 200, -32602)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"cursor":"x"}}""", 200, -32602)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"tools/call"}""", 200, -32602)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":7}}""", 200, -32602)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"nobody"}}""", 200, -32602)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":[]}}""", 200, -32602)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"workflow","arguments":{}}}""", 200, -32602)]
    public async Task A_message_that_is_wrong_is_refused(string body, int status, int code)
    {
        var answer = await Root.PostAsync("/mcp", body);

        answer.Status.ShouldBe(status, answer.Text);
        answer.Code().ShouldBe(code, answer.Text);
        answer.Json.Text("jsonrpc").ShouldBe("2.0");
        answer.Json.GetProperty("error").Text("message").ShouldNotBeNullOrWhiteSpace();
        answer.Json.GetProperty("id").ValueKind.ShouldBe(body.Contains("\"id\":1", StringComparison.Ordinal) && body[0] == '{'
            ? JsonValueKind.Number
            : JsonValueKind.Null);
    }

    [Fact]
    public async Task Input_that_the_graph_refuses_is_a_result_that_says_why()
    {
        var result = await Root.CallToolAsync("echo", """{"messages":[{"role":"nobody","content":7}]}""");

        result.GetProperty("isError").GetBoolean().ShouldBeTrue();
        result.GetProperty("content")[0].Text("text").ShouldContain("'nobody'");
    }

    [Fact]
    public async Task A_message_of_megabytes_is_answered()
    {
        var result = await Root.CallToolAsync("echo", $$"""{"title":"{{new string('a', 3_000_000)}}"}""");

        result.GetProperty("structuredContent").Text("title").Length.ShouldBe(3_000_000);
    }

    [Fact]
    public async Task A_message_that_is_too_large_or_too_deep_is_refused()
    {
        await using var server = await TestServer.StartAsync(configure: options => options.RequestBodyBytesMax = 100_000);
        var large = $$"""{"name":"echo","arguments":{"title":"{{new string('a', 110_000)}}"} }""";
        var deep = $$"""{"name":"echo","arguments":{"messages":{{new string('[', 5_000)}}{{new string(']', 5_000)}} } }""";

        (await server.Root.CallMcpAsync("tools/call", large)).ShouldBe(HttpStatusCode.RequestEntityTooLarge).Code().ShouldBe(-32600);
        (await server.Root.CallMcpAsync("tools/call", deep)).ShouldBe(HttpStatusCode.BadRequest).Code().ShouldBe(-32700);
    }

    [Fact]
    public async Task A_page_of_another_site_is_refused_in_the_same_shape()
    {
        var answer = await Root.CallMcpAsync("ping", "{}", ("Origin", "https://evil.example"));

        answer.ShouldBe(HttpStatusCode.Forbidden).Json.GetProperty("error").Text("message").ShouldContain("evil.example");
    }

    [Fact]
    public async Task A_server_with_too_much_to_do_answers_429()
    {
        await using var server = await TestServer.StartAsync(configureRuns: options =>
        {
            options.ConcurrentRunsMax = 1;
            options.QueuedRunsMax = 1;
        });
        var (running, leave) = server.Root.Begin(
            HttpMethod.Post, "/mcp", """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"gated","arguments":{}}}""");
        using (leave)
        {
            await server.Gates.Of("").EnteredAsync();
            await server.Root.PostAsync("/runs", Bodies.Echo());

            var refused = await server.Root.CallMcpAsync("tools/call", """{"name":"echo"}""");

            refused.ShouldBe(HttpStatusCode.TooManyRequests).Header("Retry-After").ShouldBe("5");
            refused.Code().ShouldBe(-32600);
            server.Gates.Of("").Open();
            await running.Within("the answer");
        }
    }
}

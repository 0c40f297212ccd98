using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;

namespace Weft.Server.Tests.Mcp;

/// <summary>Assistants as tools of the Model Context Protocol (docs/protocol/mcp.md).</summary>
public sealed class McpTests(SharedServer shared) : ServerTests(shared)
{
    private const string Hi = """{"messages":[{"role":"user","content":"hi"}]}""";

    [Theory]
    [InlineData("2024-11-05", "2024-11-05")]
    [InlineData("2025-06-18", "2025-06-18")]
    [InlineData("2025-11-25", "2025-11-25")]
    [InlineData("2026-07-28", "2025-11-25")]
    [InlineData("1999-01-01", "2025-11-25")]
    public async Task A_client_initializes_with_a_revision_that_the_server_has(string wanted, string got)
    {
        var result = await Root.ResultAsync("initialize", $$"""{"protocolVersion":"{{wanted}}","capabilities":{},"clientInfo":{} }""");

        result.Text("protocolVersion").ShouldBe(got);
        result.GetProperty("capabilities").ShouldBeJson("""{"tools":{}}""");
        result.GetProperty("serverInfo").Text("name").ShouldBe("weft");
        (await Root.ResultAsync("ping")).ShouldBeJson("{}");
    }

    [Fact]
    public async Task Assistants_are_tools_with_their_input_schemas()
    {
        var tools = await Root.ToolsAsync();

        var echo = tools.Single(tool => tool.Text("name") == "echo");
        echo.Text("description").ShouldBe("Says it again.");
        echo.GetProperty("inputSchema").Text("type").ShouldBe("object");
        echo.GetProperty("inputSchema").GetProperty("properties").Names().ShouldContain("messages");
        echo.GetProperty("_meta").Text("graph_id").ShouldBe("echo");
        tools.Single(tool => tool.Text("name") == "failing").TryGetProperty("description", out _).ShouldBeFalse();
        tools.Single(tool => tool.Text("name") == "workflow").GetProperty("inputSchema").GetProperty("properties").Names()
            .ShouldBe(["input"]);
    }

    [Fact]
    public async Task A_call_runs_the_assistant_and_returns_its_output()
    {
        var result = await Root.CallToolAsync("echo", Hi);

        result.GetProperty("isError").GetBoolean().ShouldBeFalse();
        result.GetProperty("structuredContent").Texts().ShouldBe(["hi", "echo: hi"]);
        var block = result.GetProperty("content").EnumerateArray().ShouldHaveSingleItem();
        block.Text("type").ShouldBe("text");
        JsonElement.Parse(block.Text("text")).Texts().ShouldBe(["hi", "echo: hi"]);
    }

    [Fact]
    public async Task Calls_below_the_gateway_are_the_same()
    {
        (await Gateway.CallToolAsync("echo", Hi)).GetProperty("structuredContent").Texts().ShouldBe(["hi", "echo: hi"]);
        (await Gateway.ToolsAsync()).Count.ShouldBe((await Root.ToolsAsync()).Count);
    }

    [Fact]
    public async Task A_call_without_arguments_has_an_empty_input()
    {
        (await Root.ResultAsync("tools/call", """{"name":"failing"}""")).GetProperty("structuredContent")
            .ShouldBeJson("""{"count":1}""");
    }

    [Fact]
    public async Task A_workflow_that_asks_returns_its_question()
    {
        var result = await Root.CallToolAsync("workflow", """{"input":"looms"}""");

        result.GetProperty("structuredContent").GetProperty("__interrupt__")[0].Text("value").ShouldBe("good?");
    }

    [Fact]
    public async Task A_run_that_fails_is_a_result_that_says_so()
    {
        var result = await Root.CallToolAsync("failing", """{"fail":true}""");

        result.GetProperty("isError").GetBoolean().ShouldBeTrue();
        result.GetProperty("content")[0].Text("text").ShouldNotBeNullOrWhiteSpace();
        result.TryGetProperty("structuredContent", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task Notifications_are_accepted_and_other_methods_of_http_refused()
    {
        var notification = await Root.PostAsync("/mcp/", """{"jsonrpc":"2.0","method":"notifications/initialized"}""");

        notification.ShouldBe(HttpStatusCode.Accepted).Text.ShouldBeEmpty();
        (await Root.GetAsync("/mcp")).ShouldBe(HttpStatusCode.MethodNotAllowed).Header("Allow").ShouldBe("POST");
        (await Root.DeleteAsync("/mcp")).ShouldBe(HttpStatusCode.MethodNotAllowed);
    }

    [Fact]
    public async Task The_run_of_a_call_is_named_and_its_thread_deleted()
    {
        await using var server = await TestServer.StartAsync();

        var answer = await server.Root.CallMcpAsync("tools/call", $$"""{"name":"echo","arguments":{{Hi}}}""");

        answer.Header("Content-Location")!.ShouldStartWith("/runs/");
        await Waiting.Until(
            async () => (await server.Root.PostAsync("/threads/count", "{}")).Text == "0", "the thread to be deleted");
    }

    [Fact]
    public async Task Names_of_tools_are_what_models_accept_and_each_is_used_once()
    {
        await using var server = await TestServer.StartAsync();
        foreach (var name in (string[])["Travel agent!", "Travel agent!", "echo", new('x', 200)])
        {
            (await server.Root.PostAsync(
                "/assistants", $$"""{"graph_id":"echo","name":"{{name}}","description":"Of {{name[..4]}}."}""")).ShouldBeOk();
        }

        var tools = await server.Root.ToolsAsync();

        var names = tools.Select(tool => tool.Text("name")).ToList();
        names.ShouldBeUnique();
        names.ShouldAllBe(name => name.Length <= 64 && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_' || c == '-'));
        names.Count(name => name.StartsWith("Travel_agent_", StringComparison.Ordinal)).ShouldBe(2);
        names.ShouldContain("Travel_agent_");
        tools.Single(tool => tool.Text("name") == "echo").Text("description").ShouldBe("Says it again.");
        foreach (var name in names.Where(name => name.Contains("Travel", StringComparison.Ordinal) || name.Contains("echo", StringComparison.Ordinal)))
        {
            (await server.Root.CallToolAsync(name, Hi)).GetProperty("structuredContent").Texts().ShouldBe(["hi", "echo: hi"]);
        }
    }

    [Fact]
    public async Task Graphs_whose_ids_differ_only_in_what_models_do_not_accept_are_different_tools()
    {
        await using var server = await TestServer.StartAsync(
            add: weft => weft.AddGraph("my.echo", TestGraphs.Echo()).AddGraph("my_echo", TestGraphs.Failing()));

        var tools = await server.Root.ToolsAsync();

        tools.Select(tool => tool.Text("name")).ShouldBeUnique();
        tools.Single(tool => tool.Text("name") == "my_echo").GetProperty("_meta").Text("graph_id").ShouldBe("my_echo");
        var other = tools.Single(tool => tool.GetProperty("_meta").Text("graph_id") == "my.echo").Text("name");
        (await server.Root.CallToolAsync(other, Hi)).GetProperty("structuredContent").Texts().ShouldBe(["hi", "echo: hi"]);
    }

    [Fact]
    public async Task A_client_that_waits_hears_that_the_run_goes_on()
    {
        await using var server = await TestServer.StartAsync(configure: options => options.HeartbeatInterval = TimeSpan.FromMilliseconds(20));
        using var stream = await server.Root.OpenAsync(
            HttpMethod.Post,
            "/mcp",
            """{"jsonrpc":"2.0","id":"a","method":"tools/call","params":{"name":"gated","arguments":{},"_meta":{"progressToken":"t"}}}""",
            ("Accept", "application/json, text/event-stream"));
        var first = (await stream.NextAsync()).ShouldNotBeNull().Json;
        var second = (await stream.NextAsync()).ShouldNotBeNull().Json;
        server.Gates.Of("").Open();
        var last = (await stream.ToEndAsync())[^1].Json;

        first.Text("method").ShouldBe("notifications/progress");
        first.GetProperty("params").Text("progressToken").ShouldBe("t");
        second.GetProperty("params").GetProperty("progress").GetDouble()
            .ShouldBeGreaterThan(first.GetProperty("params").GetProperty("progress").GetDouble());
        last.Text("id").ShouldBe("a");
        last.GetProperty("result").GetProperty("structuredContent").Texts().ShouldBe(["begun", "one two"]);
    }

    [Fact]
    public async Task A_client_that_reads_no_events_gets_spaces_while_the_run_goes_on()
    {
        await using var server = await TestServer.StartAsync(configure: options => options.HeartbeatInterval = TimeSpan.FromMilliseconds(20));
        const string Call = """{"name":"gated","arguments":{},"_meta":{"progressToken":1}}""";
        using var answer = await server.Root.BeginAnswerAsync(
            HttpMethod.Post, "/mcp", $$"""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{Call}}}""");
        server.Gates.Of("").Open();

        (await Answer.ReadAsync(answer)).ShouldBeOk()
            .Json.GetProperty("result").GetProperty("structuredContent").Texts().ShouldBe(["begun", "one two"]);
    }

    [Fact]
    public async Task The_run_of_a_client_that_disconnects_is_cancelled()
    {
        await using var server = await TestServer.StartAsync();
        var (call, leave) = server.Root.Begin(
            HttpMethod.Post, "/mcp", """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"gated","arguments":{}}}""");
        using (leave)
        {
            await server.Gates.Of("").EnteredAsync();
            await leave.CancelAsync();
            await Should.ThrowAsync<OperationCanceledException>(call.Within("the call to end"));

            await server.Gates.Of("").CancelledAsync();
        }
    }

    [Fact]
    public async Task The_endpoint_can_be_switched_off()
    {
        await using var app = await GuestApp.StartAsync(
            app => app.MapWeft(), configure: options => options.ServesMcp = false);

        (await app.Root.PostAsync("/mcp", "{}")).ShouldBe(HttpStatusCode.NotFound).Text.ShouldBeEmpty();
        (await app.Root.GetAsync("/openapi.json")).Text.ShouldNotContain("/mcp");
    }
}

using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using Weft.Server.Tests.Recovery;

namespace Weft.Server.Tests.Mcp;

/// <summary>The official client of MCP for .NET, with and without initialization.</summary>
public sealed class McpClientTests(SharedServer shared) : ServerTests(shared)
{
    private readonly Uri _root = shared.Server.Root.BaseAddress;

    [Theory]
    [InlineData("mcp", null)]
    [InlineData("mcp", "2026-07-28")]
    [InlineData("mcp", "2025-11-25")]
    [InlineData("api/mcp", "2025-06-18")]
    public async Task It_lists_and_calls_assistants(string path, string? revision)
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var client = await McpClient.CreateAsync(
            new HttpClientTransport(new HttpClientTransportOptions
            {
                Endpoint = new Uri(_root, path),
                TransportMode = HttpTransportMode.StreamableHttp,
            }),
            new McpClientOptions { ProtocolVersion = revision },
            cancellationToken: cancellation).Within("the client to connect");

        var tools = await client.ListToolsAsync(cancellationToken: cancellation).AsTask().Within("the tools");
        var messages = new Dictionary<string, object?> { ["messages"] = new[] { new Dictionary<string, string> { ["role"] = "user", ["content"] = "hi" } } };
        var result = await tools.Single(tool => tool.Name == "echo")
            .CallAsync(messages, new Progress<ProgressNotificationValue>(), cancellationToken: cancellation).AsTask().Within("the result");

        client.ServerInfo!.Name.ShouldBe("weft");
        result.StructuredContent!.Value.Texts().ShouldBe(["hi", "echo: hi"]);
        result.Content.ShouldHaveSingleItem().ShouldBeOfType<TextContentBlock>().Text.ShouldContain("echo: hi");
        var unknown = await Should.ThrowAsync<McpProtocolException>(
            () => client.CallToolAsync("nobody", cancellationToken: cancellation).AsTask().Within("the refusal"));
        unknown.ErrorCode.ShouldBe(McpErrorCode.InvalidParams);
    }

    [Fact]
    public async Task It_lists_and_calls_tools_beyond_the_first_page()
    {
        using var folder = new TempFolder();
        await using (var earlier = await TestServer.StartAsync(folder.Path))
        {
            foreach (var name in (string[])["twin", "echo", "twin", "last"])
            {
                (await earlier.Root.PostAsync("/assistants", $$"""{"graph_id":"echo","name":"{{name}}"}""")).ShouldBeOk();
            }
        }

        await using var server = await TestServer.StartAsync(folder.Path, configure: options => options.PageSizeMax = 3);
        await using var client = await McpClient.CreateAsync(
            new HttpClientTransport(new HttpClientTransportOptions { Endpoint = new Uri(server.Root.BaseAddress, "mcp") }),
            cancellationToken: TestContext.Current.CancellationToken).Within("the client to connect");

        var tools = await client.ListToolsAsync(cancellationToken: TestContext.Current.CancellationToken).AsTask().Within("the tools");

        var names = tools.Select(tool => tool.Name).ToList();
        names.ShouldBeUnique();
        names[0].ShouldBe("echo");
        names[^4].ShouldBe("twin");
        names[^3].ShouldStartWith("echo_");
        names[^2].ShouldStartWith("twin_");
        names[^1].ShouldBe("last");
        foreach (var name in names.TakeLast(4))
        {
            var result = await client
                .CallToolAsync(
                    name, new Dictionary<string, object?> { ["messages"] = "hi" }, cancellationToken: TestContext.Current.CancellationToken)
                .AsTask().Within("the result");
            result.StructuredContent!.Value.Texts().ShouldBe(["hi", "echo: hi"]);
        }
    }

    [Fact]
    public async Task A_call_that_it_cancels_ends_the_run()
    {
        await using var server = await TestServer.StartAsync();
        await using var client = await McpClient.CreateAsync(
            new HttpClientTransport(new HttpClientTransportOptions { Endpoint = new Uri(server.Root.BaseAddress, "mcp") }),
            cancellationToken: TestContext.Current.CancellationToken).Within("the client to connect");
        using var leave = new CancellationTokenSource();
        var call = client.CallToolAsync("gated", cancellationToken: leave.Token).AsTask();
        await server.Gates.Of("").EnteredAsync();

        await leave.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(call.Within("the call to end"));
        await server.Gates.Of("").CancelledAsync();
    }
}

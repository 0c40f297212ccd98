using System.Net;

namespace Weft.Server.Tests.Mcp;

/// <summary>The revision of MCP whose clients do not initialize (docs/protocol/mcp.md 2).</summary>
public sealed class McpRevisionTests(SharedServer shared) : ServerTests(shared)
{
    private const string Revision = "2026-07-28";
    private const string Meta =
        """ "_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}""";

    private static readonly (string, string) Version = ("MCP-Protocol-Version", Revision);

    [Fact]
    public async Task A_client_discovers_the_server()
    {
        var result = await Root.ResultAsync("server/discover", $$"""{{{Meta}}}""", Version, ("Mcp-Method", "server/discover"));

        result.GetProperty("supportedVersions").Strings().ShouldBe([Revision]);
        result.Text("resultType").ShouldBe("complete");
        result.Text("cacheScope").ShouldBe("private");
        result.GetProperty("_meta").GetProperty("io.modelcontextprotocol/serverInfo").Text("name").ShouldBe("weft");
    }

    [Theory]
    [InlineData("echo")]
    [InlineData("=?base64?ZWNobw==?=")]
    public async Task A_call_repeats_its_method_and_tool_in_headers(string name)
    {
        var result = await Root.ResultAsync(
            "tools/call", $$"""{"name":"echo","arguments":{},{{Meta}}}""", Version, ("Mcp-Method", "tools/call"), ("Mcp-Name", name));

        result.GetProperty("structuredContent").Texts().ShouldBe(["echo: "]);
    }

    [Theory]
    [InlineData("tools/list", "ping", null)]
    [InlineData("tools/list", null, null)]
    [InlineData("tools/call", "tools/call", "other")]
    [InlineData("tools/call", "tools/call", "=?base64?!?=")]
    public async Task Headers_that_contradict_the_body_are_refused(string method, string? header, string? name)
    {
        var headers = new List<(string, string)> { Version };
        if (header is not null)
        {
            headers.Add(("Mcp-Method", header));
        }

        if (name is not null)
        {
            headers.Add(("Mcp-Name", name));
        }

        var answer = await Root.CallMcpAsync(method, $$"""{"name":"echo","arguments":{},{{Meta}}}""", [.. headers]);

        answer.ShouldBe(HttpStatusCode.BadRequest).Code().ShouldBe(-32020);
        answer.Json.GetProperty("id").GetInt32().ShouldBe(7);
    }

    [Fact]
    public async Task A_request_that_does_not_describe_itself_is_refused()
    {
        var (headers, list) = (new[] { Version, ("Mcp-Method", "tools/list") }, "tools/list");

        (await Root.CallMcpAsync(list, "{}", headers)).ShouldBeOk().Code().ShouldBe(-32602);
        (await Root.CallMcpAsync(list, """{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}""", headers))
            .ShouldBeOk().Code().ShouldBe(-32602);
        (await Root.CallMcpAsync(list, $$"""{{{Meta}}}""")).ShouldBe(HttpStatusCode.BadRequest).Code().ShouldBe(-32020);
        (await Root.CallMcpAsync(list, """{"_meta":{"io.modelcontextprotocol/protocolVersion":"2025-11-25"}}""", headers))
            .ShouldBe(HttpStatusCode.BadRequest).Code().ShouldBe(-32020);
    }

    [Theory]
    [InlineData("initialize")]
    [InlineData("ping")]
    [InlineData("subscriptions/listen")]
    public async Task Methods_that_the_revision_or_the_server_lacks_are_not_found(string method)
    {
        var answer = await Root.CallMcpAsync(method, $$"""{{{Meta}}}""", Version, ("Mcp-Method", method));

        answer.ShouldBe(HttpStatusCode.NotFound).Code().ShouldBe(-32601);
    }

    [Fact]
    public async Task Another_revision_is_refused_with_those_that_the_server_has()
    {
        var answer = await Root.CallMcpAsync("tools/list", "{}", ("MCP-Protocol-Version", "2999-01-01"));

        answer.ShouldBe(HttpStatusCode.BadRequest).Code().ShouldBe(-32022);
        answer.Json.GetProperty("error").GetProperty("data")
            .ShouldBeJson("""{"supported":["2026-07-28"],"requested":"2999-01-01"}""");
        (await Root.CallMcpAsync("tools/list", "{}", ("MCP-Protocol-Version", "2025-06-18"))).ShouldBeOk().Text.ShouldContain("echo");
    }
}

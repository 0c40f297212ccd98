using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Weft.Runs;
using Weft.Server.Tests.Audit;
using static Weft.Server.Tests.Access.AccessServer;

namespace Weft.Server.Tests.Mcp;

/// <summary>Who may see and call which tools.</summary>
public sealed class McpAccessTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_user_has_the_tools_of_the_own_assistants(bool hasOneActor)
    {
        await using var server = await StartAsync(
            hasOneActor
                ? static weft => weft
                    .Authorize(AccessResource.Assistants, static context => MetadataFilter.Equal("owner", UserOf(context)))
                    .Authorize(AccessResource.Assistants, AccessAction.Create, static context => MetadataFilter.Equal("owner", UserOf(context)))
                : static _ => { },
            hasOneActor);
        (await server.Root.PostAsync("/assistants", """{"graph_id":"echo","name":"of_ada"}""", Ada)).ShouldBeOk();

        (await server.Root.ToolsAsync(Ada)).Select(tool => tool.Text("name")).ShouldContain("of_ada");
        (await server.Root.ToolsAsync(Bob)).Select(tool => tool.Text("name")).ShouldNotContain("of_ada");
        (await server.Root.CallToolAsync("of_ada", "{}", Ada)).GetProperty("isError").GetBoolean().ShouldBeFalse();
        (await server.Root.CallMcpAsync("tools/call", """{"name":"of_ada"}""", Bob)).Code().ShouldBe(-32602);
    }

    [Fact]
    public async Task Who_may_not_create_runs_may_not_call_tools()
    {
        var seen = new List<string>();
        await using var server = await StartAsync(weft => weft
            .Authorize(AccessResource.Threads, AccessAction.CreateRun, context =>
            {
                seen.Add($"{context.Value.Text("name")} of {context.Value.Text("assistant_id")}");
                return AccessResult.Deny("May not run.");
            }));

        (await server.Root.ToolsAsync(Ada)).ShouldNotBeEmpty();
        var refused = await server.Root.CallMcpAsync("tools/call", """{"name":"echo"}""", Ada);

        refused.ShouldBe(HttpStatusCode.Forbidden).Json.GetProperty("error").Text("message").ShouldBe("May not run.");
        seen.ShouldBe(["echo of echo"]);
    }

    [Fact]
    public async Task Who_may_not_search_assistants_has_no_tools()
    {
        await using var server = await StartAsync(static weft => weft
            .Authorize(AccessResource.Assistants, AccessAction.Search, static _ => AccessResult.Deny("May not search.")));

        (await server.Root.CallMcpAsync("tools/list", "{}", Ada)).ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task A_call_is_audited_and_a_list_is_not()
    {
        await using var audited = await AuditServer.StartAsync();
        await audited.Api.ToolsAsync(Ada);
        audited.Take().ShouldBeEmpty();

        await audited.Api.CallToolAsync("echo", "{}", Ada);

        var line = audited.Take().ShouldHaveSingleItem();
        line.Text.ShouldContain("tools/call");
        line.Text.ShouldContain("ada");
        line.Text.ShouldContain("run_id");
    }
}

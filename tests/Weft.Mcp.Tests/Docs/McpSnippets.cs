using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Weft.Agents;
using Weft.Graphs;
using Weft.Graphs.Tests.Docs;
using Weft.Testing;
using static Weft.Agents.Tests.Script;

namespace Weft.Mcp.Tests.Docs;

public sealed class McpSnippets : GuideSnippets
{
    [Fact]
    public void The_settings_of_the_guide_are_those_of_its_code()
    {
        using var json = new MemoryStream(Encoding.UTF8.GetBytes(Guide.SettingsOf("mcp")));
        var options = new McpToolsetOptions();

        new ConfigurationBuilder().AddJsonStream(json).Build().GetSection("Weft:Mcp")
            .Bind(options, static binder => binder.ErrorOnUnknownConfiguration = true);

        options.Servers["files"].Command.ShouldBe("npx");
        options.Servers["files"].Arguments.ShouldBe(["-y", "@modelcontextprotocol/server-filesystem", "/data"]);
        options.Servers["shop"].Url.ShouldBe(new Uri("https://shop.example/mcp"));
        options.Servers["shop"].Approval.ShouldBe(McpApproval.Always);
    }

    [Fact]
    public async Task Progress()
    {
        var options = new McpToolsetOptions();
        options.Servers["files"] = McpHost.Stdio();
        await using var tools = await Toolsets.ConnectAsync(options);
        using var model = new ScriptedChatClient(Calls(("1", "steps", new() { ["count"] = 2 })), Says("m", "Done."));
        var messages = Channel.Messages();
        var agent = AgentGraph.Create(model, tools.Tools, new AgentGraphOptions { Messages = messages });

        var reports = new List<string>();
        await foreach (var part in agent.StreamAsync(
            new StateUpdate().Add(messages, "go"),
            new GraphRunOptions { Modes = StreamMode.Custom },
            TestContext.Current.CancellationToken))
        {
            if (part is CustomPart custom)
            {
                reports.Add(Encoding.UTF8.GetString(custom.Value.Utf8.Span));
            }
        }

        // Reports are delivered in any order.
        Console.WriteLine(reports.Single(report => report.Contains("\"progress\":1,", StringComparison.Ordinal)));
        Prints("mcp-progress");
    }

    // These are only compiled, because the servers are not those of the tests.
    internal static async Task ServeAsync(WebApplicationBuilder builder, IChatClient model)
    {
        // snippet: mcp-servers
        var options = new McpToolsetOptions();
        options.Servers["files"] = new McpConnectionOptions
        {
            Command = "npx",
            Arguments = { "-y", "@modelcontextprotocol/server-filesystem", "/data" },
        };
        options.Servers["shop"] = new McpConnectionOptions
        {
            Url = new Uri("https://shop.example/mcp"),
            Headers = { ["Authorization"] = "Bearer …" },
        };
        await using var tools = await McpToolset.ConnectAsync(options);

        builder.Services.AddWeft().AddGraph("agent", AgentGraph.Create(model, tools.Tools));
        // end
    }

    internal static async Task ServeConfiguredAsync(WebApplicationBuilder builder)
    {
        // snippet: mcp-configured
        await using var tools = await McpToolset.ConnectAsync(builder.Configuration.GetSection("Weft:Mcp"));
        // end
    }
}

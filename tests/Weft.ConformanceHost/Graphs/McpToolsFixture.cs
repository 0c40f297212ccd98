using Weft.Agents;
using Weft.ConformanceHost.Models;
using Weft.Graphs;
using Weft.Mcp;

namespace Weft.ConformanceHost.Graphs;

/// <summary>An agent with the tools of the configured MCP servers, which calls what the user says.</summary>
internal static class McpToolsFixture
{
    public static CompiledGraph Create(McpToolset tools) =>
        AgentGraph.Create(new CallerChatClient(), tools.Tools, new AgentGraphOptions { Name = "mcp_tools" });
}

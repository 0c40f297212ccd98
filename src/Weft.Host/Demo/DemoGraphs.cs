using Microsoft.Extensions.AI;
using Weft.Agents;
using Weft.Graphs;

namespace Weft.Host.Demo;

/// <summary>The graphs that the server comes with.</summary>
internal static class DemoGraphs
{
    private const string SystemPrompt = "You are a helpful assistant. Be brief. Use the tools where they help.";

    /// <summary>A plain conversation.</summary>
    public static CompiledGraph Chat(IChatClient model) =>
        ChatGraph.Create(model, new ChatGraphOptions { SystemPrompt = "You are a helpful assistant. Be brief." });

    /// <summary>
    /// An agent with a calculator, a clock, two tools for notes that are stored on the thread, and an e-mail tool that asks first.
    /// </summary>
    public static CompiledGraph Agent(IChatClient model)
    {
        var notes = Channel.List<string>("notes");
        var tools = new DemoTools(notes);
        return AgentGraph.Create(model, tools.All, new AgentGraphOptions { SystemPrompt = SystemPrompt, Channels = [notes] });
    }
}

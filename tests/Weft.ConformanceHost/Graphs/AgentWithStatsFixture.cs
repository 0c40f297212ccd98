using Weft.Agents;
using Weft.Graphs;

namespace Weft.ConformanceHost.Graphs;

/// <summary>An agent that asks for the weather once, with a tool node of its own.</summary>
internal static class AgentWithStatsFixture
{
    public static CompiledGraph Create()
    {
        var messages = Channel.Messages();

        NodeResult CallModel(NodeContext context) => new StateUpdate().Add(
            messages,
            context.Get(messages)[^1].Type == "tool"
                ? Message.Ai("Done.")
                : Message.Ai("", toolCalls: [new ToolCall("weather", GraphJson.Parse("""{"query":"SF"}"""u8), "call_stats_1")]));

        NodeResult CallTools(NodeContext context) => new StateUpdate().Add(
            messages,
            [.. context.Get(messages)[^1].ToolCalls.Select(call => Message.Tool("It's 60 degrees and foggy.", call.Id!))]);

        return new StateGraph()
            .AddChannel(messages)
            .AddNode("agent", CallModel)
            .AddNode("tools", CallTools)
            .AddEdge(StateGraph.Start, "agent")
            .AddConditionalEdges(
                "agent",
                context => context.Get(messages)[^1].ToolCalls.Count > 0 ? "tools" : StateGraph.End,
                ["tools", StateGraph.End])
            .AddEdge("tools", "agent")
            .Compile(new CompileOptions { Name = "agent_with_stats" });
    }
}

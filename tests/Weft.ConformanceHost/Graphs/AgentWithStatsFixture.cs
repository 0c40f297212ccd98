using Weft.Agents;
using Weft.Graphs;

namespace Weft.ConformanceHost.Graphs;

/// <summary>
/// An agent that asks for the weather once, with a tool node of its own. At its end it writes how many tools it has called and how many
/// pieces of text it has said since the last message of the user, to the channels <c>toolCallCount</c> and <c>totalTokens</c>.
/// </summary>
internal static class AgentWithStatsFixture
{
    public static CompiledGraph Create()
    {
        var messages = Channel.Messages();

        NodeResult CallModel(NodeContext context)
        {
            var conversation = context.Get(messages);
            if (conversation[^1].Type != "tool")
            {
                var call = new ToolCall("weather", GraphJson.Parse("""{"query":"SF"}"""u8), "call_stats_1");
                return new StateUpdate().Add(messages, Message.Ai("", toolCalls: [call]));
            }

            var turn = conversation.Reverse().TakeWhile(message => message.Type != "human").ToList();
            context.Write(turn.Count(message => message.Type == "tool"), channel: "toolCallCount");
            context.Write(turn.Count(message => message.Type == "ai" && message.Text.Length > 0) + 1, channel: "totalTokens");
            return new StateUpdate().Add(messages, Message.Ai("Done."));
        }

        NodeResult CallTools(NodeContext context) => new StateUpdate().Add(
            messages, [.. context.Get(messages)[^1].ToolCalls.Select(call => CallTool(context, call))]);

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

    private static Message CallTool(NodeContext context, ToolCall call)
    {
        var span = context.StartTool(call);
        var result = Message.Tool("It's 60 degrees and foggy.", call.Id!);
        span?.End(result);
        return result;
    }
}

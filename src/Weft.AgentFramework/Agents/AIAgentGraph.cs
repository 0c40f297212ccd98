using System.Text.Json;
using Microsoft.Agents.AI;
using Microsoft.Extensions.AI;
using Weft.Agents;
using Weft.Graphs;

namespace Weft.AgentFramework;

/// <summary>An agent of Microsoft Agent Framework as a graph.</summary>
public static class AIAgentGraph
{
    /// <summary>The node that runs the agent.</summary>
    public const string AgentNode = "agent";

    /// <summary>The node that asks a person about tool calls that need approval.</summary>
    public const string ApproveNode = "approve";

    /// <summary>Makes the graph.</summary>
    /// <remarks>
    /// <para>
    /// Each turn is one task. The agent gets the messages that are new to it, and its messages, tool calls and tool results are
    /// added to the conversation. They are streamed while the agent makes them. If the agent fails or is stopped, nothing of the
    /// turn is added, and the next turn gets the messages of the user again.
    /// </para>
    /// <para>
    /// The session of the agent is serialized into a channel after each turn, so it belongs to the checkpoint: a restart, a fork or
    /// an earlier checkpoint continues with the session of that time. If the agent keeps its history in the session
    /// (<see cref="InMemoryChatHistoryProvider"/> without a reducer, which is the default), the history is not stored there but is
    /// the conversation itself. The agent then sees edits of messages too, and tool calls that were stopped get a result. Other
    /// agents keep their own history and only see new messages.
    /// </para>
    /// <para>
    /// A <see cref="ToolApprovalRequestContent"/> pauses the run with the question of <see cref="AgentGraph"/>; the answers go back as
    /// <see cref="ToolApprovalResponseContent"/>. Arguments can't be edited, because agents run the calls that the model has made. If a
    /// new message comes instead of an answer, the calls are not made.
    /// </para>
    /// </remarks>
    /// <param name="agent">The agent. All threads share it.</param>
    /// <param name="options">How to make the graph.</param>
    public static CompiledGraph Create(AIAgent agent, AIAgentGraphOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(agent);
        options ??= new AIAgentGraphOptions();
        var messages = options.Messages;
        var session = Channel.LastValue<JsonElement>(options.SessionChannel);
        var tools = agent.GetService<ChatOptions>()?.Tools?.OfType<AIFunction>().DistinctBy(tool => tool.Name) ?? [];
        var approval = new ToolApproval(new ToolFunctions([.. tools], []), messages, allowsEdits: false);
        return new StateGraph()
            .AddChannels(messages, session)
            .Input(messages)
            .AddNode(AgentNode, new AgentTurn(agent, options, session).RunAsync)
            .AddNode(ApproveNode, context => new StateUpdate().Set(session, Ask(context, StoredSession.Read(context.Get(session)))))
            .AddEdge(StateGraph.Start, AgentNode)
            .AddConditionalEdges(
                AgentNode,
                context => StoredSession.Read(context.Get(session)).Requests.Count > 0 ? ApproveNode : StateGraph.End,
                [ApproveNode, StateGraph.End])
            .AddEdge(ApproveNode, AgentNode)
            .Compile(new CompileOptions { Name = options.Name ?? agent.Name ?? "agent" });

        JsonElement Ask(NodeContext context, StoredSession stored)
        {
            var decided = approval.Ask(context, [.. stored.Requests.Select(request => AgentContents.ToolCallOf(request.ToolCall))]);
            return (stored with
            {
                Responses = [.. stored.Requests.Zip(decided, AgentContents.ResponseTo)],
                AnsweredAfter = context.Get(messages) is [.., var last] ? last.Id : null,
            }).ToJson();
        }
    }
}

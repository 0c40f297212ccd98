using Microsoft.Extensions.AI;
using Weft.Graphs;

namespace Weft.Agents;

/// <summary>
/// The graph of <see cref="AgentGraph.Supervisor"/>: the supervisor is a node, and so is each member. The supervisor goes to members
/// by <see cref="Handoff"/>; a member that is done goes back.
/// </summary>
internal static class AgentTeam
{
    public static CompiledGraph Compile(
        IChatClient client, IReadOnlyList<AgentMember> members, IReadOnlyList<AITool> tools, AgentGraphOptions options)
    {
        var supervisor = AgentGraph.Create(
            client,
            [.. tools, .. members.Select(member => Handoff.To(member.Name, member.Description))],
            options with { Name = AgentGraph.SupervisorNode, Compile = new CompileOptions(), LeadsTeam = true });
        var graph = new StateGraph()
            .AddChannels(supervisor.Schema.Channels)
            .AddNode(
                AgentGraph.SupervisorNode,
                (context, cancellationToken) => LeadAsync(context, supervisor, cancellationToken),
                new NodeOptions { Destinations = [.. members.Select(member => member.Name), StateGraph.End], Subgraphs = [supervisor] })
            .AddEdge(StateGraph.Start, AgentGraph.SupervisorNode);
        foreach (var member in members)
        {
            graph.AddNode(
                member.Name,
                (context, cancellationToken) => RunAsync(context, member, options.Messages, cancellationToken),
                new NodeOptions { Destinations = [AgentGraph.SupervisorNode], Subgraphs = [member.Graph] });
        }

        return graph.Compile(options.Compile with { Name = options.Name });
    }

    /// <summary>Runs the supervisor. If it hands over, the command comes from inside and this does not return.</summary>
    private static async Task<NodeResult> LeadAsync(NodeContext context, CompiledGraph supervisor, CancellationToken cancellationToken)
    {
        var channels = context.Values.Schema.Channels;
        return SharedState.Of(
            await context.RunAsync(supervisor, context.Values.ToUpdate(channels, supervisor.Schema), cancellationToken), channels);
    }

    /// <summary>
    /// Runs a member on the messages and returns to the supervisor. The conversation then ends with the result of a call, because
    /// many models can't go on from a message of a model.
    /// </summary>
    private static async Task<NodeResult> RunAsync(
        NodeContext context, AgentMember member, MessagesChannel messages, CancellationToken cancellationToken)
    {
        var input = context.Values.ToUpdate([messages], member.Graph.Schema);
        var output = await context.RunAsync(member.Graph, input, cancellationToken);
        var back = new ToolCall($"transfer_back_to_{AgentGraph.SupervisorNode}", GraphJson.EmptyObject, NewId.Uuid());
        var update = output.ToUpdate(
            member.Graph.OutputChannels.Where(channel => channel.Name == messages.Name), context.Values.Schema);
        update.Add(
            messages,
            Message.Ai("", toolCalls: [back]),
            Message.Tool($"{member.Name} is done.", back.Id!, back.Name));
        return new Command { Update = update, Goto = [AgentGraph.SupervisorNode] };
    }
}

using Microsoft.Extensions.AI;
using Weft.Graphs;

namespace Weft.Agents;

/// <summary>
/// A model with tools: the graph calls the model, runs the tools that it asks for, and repeats this until it asks for
/// none.
/// </summary>
public static class AgentGraph
{
    /// <summary>The node that calls the model.</summary>
    public const string AgentNode = "agent";

    /// <summary>The node that asks a person about tool calls. The graph has it only if a tool needs approval.</summary>
    public const string ApproveNode = "approve";

    /// <summary>The node that runs the tools: one task for each call.</summary>
    public const string ToolsNode = "tools";

    /// <summary>Makes the graph.</summary>
    /// <remarks>
    /// <para>
    /// The tool calls of one answer run at the same time, each as a task of its own. Their results are added in the order of
    /// the calls. A tool that throws, or that does not exist, answers with a message of status <c>error</c>, so that the model
    /// can react. A tool that interrupts on its own does not make the others run again.
    /// </para>
    /// <para>
    /// If calls need approval, one interrupt asks about all of them before any tool runs:
    /// <c>{"action_requests":[{"name":…,"args":{…},"description":…}],
    /// "review_configs":[{"action_name":…,"allowed_decisions":["approve","edit","reject"]}]}</c>.
    /// The answer is <c>{"decisions":[…]}</c> with a decision for each request, in order: <c>{"type":"approve"}</c>,
    /// <c>{"type":"edit","edited_action":{"name":…,"args":{…}}}</c> or <c>{"type":"reject","message":…}</c>. A list of decisions
    /// alone, the list of Agent Inbox, and one decision or <c>true</c>, <c>false</c>, <c>"approve"</c> or <c>"reject"</c> for all
    /// requests are accepted too. Edited arguments are checked against the schema of the tool. An answer of another shape is
    /// asked again, with the reason as <c>problem</c>.
    /// </para>
    /// <para>
    /// A tool call that a stop or a new message left without a result is answered at the next turn with an error message, in
    /// the state, because providers refuse a conversation that has unanswered calls.
    /// </para>
    /// </remarks>
    /// <param name="client">The model.</param>
    /// <param name="tools">The tools that the model may call. Tools that the provider runs itself may be among them.</param>
    /// <param name="options">How to make it.</param>
    /// <exception cref="ArgumentException">
    /// Two tools have one name, or <see cref="AgentGraphOptions.RequireApproval"/> names none of them.
    /// </exception>
    public static CompiledGraph Create(IChatClient client, IReadOnlyList<AITool> tools, AgentGraphOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(tools);
        options ??= new AgentGraphOptions();
        var messages = options.Messages;
        var chatOptions = options.ChatOptions?.Clone() ?? new ChatOptions();
        chatOptions.Tools = [.. chatOptions.Tools ?? [], .. tools];
        var agent = new ModelCall(client, messages, options.SystemPrompt, chatOptions);
        var functions = new ToolFunctions(tools, options.RequireApproval);
        var approval = new ToolApproval(functions, messages);
        var graph = new StateGraph()
            .AddChannel(messages)
            .AddChannels(options.Channels)
            .AddNode(AgentNode, agent.RunAsync)
            .AddNode(ToolsNode, new ToolCalls(functions, approval, options).RunAsync, new NodeOptions { SendsSeeState = true })
            .AddEdge(StateGraph.Start, AgentNode)
            .AddEdge(ToolsNode, AgentNode);
        if (functions.AskApproval)
        {
            graph.AddNode(ApproveNode, approval.Run, new NodeOptions { Destinations = [ToolsNode] });
        }

        return graph
            .AddConditionalEdges(
                AgentNode, Next, functions.AskApproval ? [ApproveNode, ToolsNode, StateGraph.End] : [ToolsNode, StateGraph.End])
            .Compile(new CompileOptions { Name = options.Name });

        IReadOnlyList<Destination> Next(NodeContext context) => context.Get(messages) is not [.., { ToolCalls: { Count: > 0 } calls }]
            ? [StateGraph.End]
            : calls.Any(functions.NeedsApproval) ? [ApproveNode] : [.. calls.Select(call => new DecidedCall(call).ToSend())];
    }
}

using Microsoft.Extensions.AI;
using Weft.Graphs;

namespace Weft.Agents;

/// <summary>A model with tools: it is called, the tools that it asks for are run, and so on until it asks for none.</summary>
public static class AgentGraph
{
    /// <summary>The node that calls the model.</summary>
    public const string AgentNode = "agent";

    /// <summary>The node that runs the tools.</summary>
    public const string ToolsNode = "tools";

    /// <summary>Makes the graph.</summary>
    /// <remarks>
    /// The tool calls of one answer run at the same time; their results are added in the order of the calls. A tool that
    /// throws, or that is not there, answers with a message of status <c>error</c>, for the model to make sense of. Where
    /// calls need approval, the node asks about each of them by an interrupt, one after the other, before any tool runs:
    /// <c>{"action":name,"args":{…},"description":…}</c>. The answer is <c>true</c> or <c>false</c>; <c>"yes"</c>,
    /// <c>"approve"</c>, <c>"accept"</c>, <c>"no"</c> or <c>"reject"</c>; or an object with such a word as <c>type</c>,
    /// with <c>{"type":"edit","args":{…}}</c> to run it with other arguments. What is no answer is asked again. A tool
    /// that interrupts on its own makes the tools beside it run again when the run is resumed.
    /// </remarks>
    /// <param name="client">The model.</param>
    /// <param name="tools">What the model may call. Tools that the provider runs itself may be among them.</param>
    /// <param name="options">How to make it.</param>
    /// <exception cref="ArgumentException">Two tools have one name, or <see cref="AgentGraphOptions.RequireApproval"/> names none of them.</exception>
    public static CompiledGraph Create(IChatClient client, IReadOnlyList<AITool> tools, AgentGraphOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(tools);
        options ??= new AgentGraphOptions();
        var messages = options.Messages;
        var chatOptions = options.ChatOptions?.Clone() ?? new ChatOptions();
        chatOptions.Tools = [.. chatOptions.Tools ?? [], .. tools];
        var agent = new ModelCall(client, messages, options.SystemPrompt, chatOptions);
        var toolCalls = new ToolCalls(tools, options);
        return new StateGraph()
            .AddChannel(messages)
            .AddChannels(options.Channels)
            .AddNode(AgentNode, agent.RunAsync)
            .AddNode(ToolsNode, toolCalls.RunAsync)
            .AddEdge(StateGraph.Start, AgentNode)
            .AddConditionalEdges(
                AgentNode,
                context => context.Get(messages) is [.., { ToolCalls.Count: > 0 }] ? ToolsNode : StateGraph.End,
                [ToolsNode, StateGraph.End])
            .AddEdge(ToolsNode, AgentNode)
            .Compile(new CompileOptions { Name = options.Name });
    }
}

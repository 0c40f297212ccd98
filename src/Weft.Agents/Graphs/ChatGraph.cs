using Microsoft.Extensions.AI;
using Weft.Graphs;

namespace Weft.Agents;

/// <summary>A conversation with a model: one node, one messages channel.</summary>
public static class ChatGraph
{
    /// <summary>The node that calls the model.</summary>
    public const string ModelNode = "model";

    /// <summary>Makes the graph. The response of the model is streamed while it is made.</summary>
    public static CompiledGraph Create(IChatClient client, ChatGraphOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        options ??= new ChatGraphOptions();
        var messages = options.Messages;
        var model = new ModelCall(client, messages, options.SystemPrompt, options.ChatOptions)
        {
            Caller = new CallerRequest(options.ChatOptions, options.CallerMaySet, leads: false),
        };
        return new StateGraph()
            .OfferModels(client)
            .AddChannel(messages)
            .AddNode(ModelNode, model.RunAsync)
            .AddEdge(StateGraph.Start, ModelNode)
            .AddEdge(ModelNode, StateGraph.End)
            .Compile(new CompileOptions { Name = options.Name });
    }
}

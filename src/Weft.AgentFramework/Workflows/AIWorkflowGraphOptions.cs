using System.Text.Json;
using Microsoft.Extensions.AI;
using Weft.Graphs;

namespace Weft.AgentFramework;

/// <summary>Options of an <see cref="AIWorkflowGraph"/>.</summary>
public sealed record AIWorkflowGraphOptions
{
    /// <summary>The name of the graph. Default: the name of the workflow, or <c>workflow</c> if it has none.</summary>
    public string? Name { get; init; }

    /// <summary>The channel of the conversation. Give one to read it from code. Default: <c>messages</c>.</summary>
    public MessagesChannel Messages { get; init; } = Channel.Messages();

    /// <summary>
    /// The channel of what executors have yielded as output, other than messages, in order. Give one to read it from code. Default:
    /// <c>outputs</c>.
    /// </summary>
    public ListChannel<JsonElement> Outputs { get; init; } = Channel.List<JsonElement>("outputs");

    /// <summary>
    /// The name of the channel that stores the state of the workflow. Inputs of runs can't write it. Default: <c>workflow</c>.
    /// </summary>
    public string StateChannel { get; init; } = "workflow";

    /// <summary>
    /// How the types of the workflow become JSON: its inputs, the messages between its executors, requests, answers and outputs. Default:
    /// as <see cref="AIJsonUtilities.DefaultOptions"/>, names in camelCase. An application without reflection gives options that know its types.
    /// </summary>
    public JsonSerializerOptions Json { get; init; } = AIJsonUtilities.DefaultOptions;
}

using System.Text.Json;
using Microsoft.Extensions.AI;
using Weft.Graphs;

namespace Weft.Agents;

/// <summary>A graph that a model calls as a tool. See <see cref="AgentTool.AsTool"/>.</summary>
internal sealed class GraphTool(CompiledGraph graph, string name, string description) : AIFunction
{
    private const string Request = "request";

    private static readonly JsonElement Schema = GraphJson.Parse(
        """
        {
          "type": "object",
          "properties": {"request": {"type": "string", "description": "The request, with all that is needed to fulfil it."}},
          "required": ["request"]
        }
        """u8);

    private readonly MessagesChannel _messages = graph.InputChannels.OfType<MessagesChannel>().FirstOrDefault()
        ?? throw new ArgumentException(
            $"The graph '{graph.Name}' can't be the tool '{name}', because its input has no channel of messages.", nameof(graph));

    public CompiledGraph Graph { get; } = graph;

    public override string Name => name;

    public override string Description => description;

    public override JsonElement JsonSchema => Schema;

    protected override async ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken)
    {
        var context = NodeContext.Current
            ?? throw new InvalidOperationException($"The tool '{name}' runs a graph, so only a node can call it.");
        var request = arguments.GetValueOrDefault(Request) switch
        {
            string text => text,
            JsonElement { ValueKind: JsonValueKind.String } json => json.GetString()!,
            _ => throw new ArgumentException($"{name} needs a text as '{Request}'."),
        };
        var values = await context.RunAsync(Graph, new StateUpdate().Add(_messages, request), cancellationToken);
        return values.Get(_messages) is [.., var last] ? last.Text : "";
    }
}

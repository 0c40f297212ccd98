using System.Text.Json;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>Reads a run's command (docs/protocol/runs.md C7).</summary>
internal static class CommandJson
{
    /// <summary>The beginning of the messages about <c>goto</c>.</summary>
    public const string GotoError = "goto: ";

    /// <exception cref="GraphException">A value does not fit its channel, or a node is unknown.</exception>
    public static Command Read(CompiledGraph graph, JsonElement json, bool strictResume)
    {
        var routes = Member(json, "goto") is { } go ? ReadDestinations(go).ToList() : [];
        foreach (var route in routes)
        {
            if ((route.Send is not null || route.Node != StateGraph.End) && !graph.Nodes.Contains(route.Node))
            {
                var nodes = string.Join(", ", graph.Nodes.Order());
                throw new InvalidUpdateException($"{GotoError}the graph has no node '{route.Node}'; there are {nodes}.");
            }
        }

        return new Command
        {
            Update = Member(json, "update") is { } update ? StateUpdate.FromJson(graph.Schema, update) : null,
            Goto = routes,
            Resume = Member(json, "resume"),
            StrictResume = strictResume,
        };
    }

    private static IEnumerable<Destination> ReadDestinations(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Array => json.EnumerateArray().SelectMany(ReadDestinations),
        JsonValueKind.String => [json.GetString()!],
        JsonValueKind.Object when Member(json, "node") is { ValueKind: JsonValueKind.String } node =>
            [new Send(node.GetString()!, Member(json, "input") ?? GraphJson.Null)],
        _ => throw new InvalidUpdateException(
            GotoError + "it must be the name of a node, an object with 'node' and 'input', or a list of these."),
    };

    private static JsonElement? Member(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
}

using System.Text.Json;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>Reads the supersteps that a new thread begins with (protocol, section E5).</summary>
internal static class SuperstepsJson
{
    /// <summary>Reads <c>[{"updates":[{"values","as_node","command"}]}]</c>.</summary>
    /// <exception cref="WeftException">It has another shape.</exception>
    public static IReadOnlyList<IReadOnlyList<NodeUpdate>> Read(CompiledGraph graph, JsonElement json) =>
        [.. json.EnumerateArray().Select((superstep, index) => ReadUpdates(graph, superstep, $"supersteps[{index}]"))];

    /// <summary>Checks what can be without a graph.</summary>
    /// <exception cref="WeftException">It is no list.</exception>
    public static void Check(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Array)
        {
            throw Invalid("supersteps", "It must be a list of objects with 'updates'.");
        }
    }

    private static List<NodeUpdate> ReadUpdates(CompiledGraph graph, JsonElement superstep, string field) =>
        superstep.ValueKind == JsonValueKind.Object && superstep.TryGetProperty("updates", out var updates) && updates.ValueKind == JsonValueKind.Array
            ? [.. updates.EnumerateArray().Select((update, index) => ReadUpdate(graph, update, $"{field}.updates[{index}]"))]
            : throw Invalid(field, "It must be an object with a list of 'updates'.");

    private static NodeUpdate ReadUpdate(CompiledGraph graph, JsonElement update, string field)
    {
        if (update.ValueKind != JsonValueKind.Object)
        {
            throw Invalid(field, "It must be an object with 'values' and 'as_node'.");
        }

        var asNode = Member(update, "as_node") is { } node ? node.ValueKind == JsonValueKind.String ? node.GetString() : throw Invalid(field + ".as_node", "It must be the name of a node.") : null;
        if (Member(update, "command") is not { } command)
        {
            return new NodeUpdate(Member(update, "values"), asNode);
        }

        return command.ValueKind == JsonValueKind.Object
            ? new NodeUpdate(Member(command, "update"), asNode) { Goto = CommandJson.Read(graph, command, strictResume: false).Goto }
            : throw Invalid(field + ".command", "It must be an object with 'update' and 'goto'.");
    }

    private static JsonElement? Member(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private static WeftException Invalid(string field, string message) => new(ProblemKind.Invalid, message, field);
}

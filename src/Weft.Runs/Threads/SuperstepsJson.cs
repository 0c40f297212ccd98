using System.Text.Json;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>Reads the supersteps that a thread is created with (docs/protocol/state.md E5).</summary>
internal static class SuperstepsJson
{
    /// <summary>Checks the shape <c>[{"updates":[{"values","as_node","command"}]}]</c>. This needs no graph.</summary>
    /// <exception cref="WeftException">The shape is different.</exception>
    public static void Check(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Array)
        {
            throw Invalid("supersteps", "It must be a list of objects with 'updates'.");
        }

        foreach (var (index, superstep) in json.EnumerateArray().Index())
        {
            if (superstep.ValueKind != JsonValueKind.Object
                || Member(superstep, "updates") is not { ValueKind: JsonValueKind.Array } updates)
            {
                throw Invalid($"supersteps[{index}]", "It must be an object with a list of 'updates'.");
            }

            foreach (var (at, update) in updates.EnumerateArray().Index())
            {
                CheckUpdate(update, $"supersteps[{index}].updates[{at}]");
            }
        }
    }

    /// <summary>Reads supersteps that <see cref="Check"/> has accepted.</summary>
    public static IReadOnlyList<IReadOnlyList<NodeUpdate>> Read(CompiledGraph graph, JsonElement json)
    {
        return [.. json.EnumerateArray().Select(ReadSuperstep)];

        List<NodeUpdate> ReadSuperstep(JsonElement superstep) =>
            [.. superstep.GetProperty("updates").EnumerateArray().Select(update => ReadUpdate(graph, update))];
    }

    private static void CheckUpdate(JsonElement update, string field)
    {
        if (update.ValueKind != JsonValueKind.Object)
        {
            throw Invalid(field, "It must be an object with 'values' and 'as_node'.");
        }

        if (Member(update, "as_node") is { ValueKind: not JsonValueKind.String })
        {
            throw Invalid(field + ".as_node", "It must be the name of a node.");
        }

        if (Member(update, "command") is { ValueKind: not JsonValueKind.Object })
        {
            throw Invalid(field + ".command", "It must be an object with 'update' and 'goto'.");
        }
    }

    private static NodeUpdate ReadUpdate(CompiledGraph graph, JsonElement update)
    {
        var asNode = Member(update, "as_node")?.GetString();
        return Member(update, "command") is { } command
            ? new NodeUpdate(Member(command, "update"), asNode) { Goto = CommandJson.Read(graph, command, strictResume: false).Goto }
            : new NodeUpdate(Member(update, "values"), asNode);
    }

    private static JsonElement? Member(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private static WeftException Invalid(string field, string message) => new(ProblemKind.Invalid, message, field);
}

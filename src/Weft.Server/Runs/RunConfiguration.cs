using System.Text.Json;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Server;

/// <summary>Checks and changes a <c>config</c>, that of a run or that of an assistant.</summary>
internal static class RunConfiguration
{
    private const string Configurable = "configurable";
    private const int RecursionLimitMax = 100_000;

    /// <summary>Checks the members that the server reads.</summary>
    /// <exception cref="WeftException">A member has a wrong type.</exception>
    public static void Check(JsonElement config)
    {
        foreach (var name in (ReadOnlySpan<string>)[Configurable, "context", "metadata"])
        {
            if (config.TryGetProperty(name, out var member) && member.ValueKind is not (JsonValueKind.Object or JsonValueKind.Null))
            {
                throw Requests.Invalid("config." + name, "It must be an object.");
            }
        }

        if (config.TryGetProperty("tags", out var tags) && tags.ValueKind != JsonValueKind.Null
            && !(tags.ValueKind == JsonValueKind.Array && tags.EnumerateArray().All(tag => tag.ValueKind == JsonValueKind.String)))
        {
            throw Requests.Invalid("config.tags", "It must be a list of strings.");
        }

        ReadRecursionLimit(config);
    }

    /// <summary>Returns the maximum number of supersteps; null if the configuration has none.</summary>
    /// <exception cref="WeftException">It is not a whole number, or out of range.</exception>
    public static int? ReadRecursionLimit(JsonElement config)
    {
        if (!config.TryGetProperty("recursion_limit", out var limit) || limit.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        return limit.ValueKind == JsonValueKind.Number && limit.TryGetInt32(out var value) && value is > 0 and <= RecursionLimitMax
            ? value
            : throw Requests.Invalid("config.recursion_limit", $"It must be a whole number, at least 1 and at most {RecursionLimitMax}.");
    }

    /// <summary>Returns <c>config.configurable</c> if both are objects.</summary>
    public static JsonElement? ConfigurableOf(JsonElement? config) =>
        config is { ValueKind: JsonValueKind.Object } given && given.TryGetProperty(Configurable, out var configurable)
        && configurable.ValueKind == JsonValueKind.Object ? configurable : null;

    /// <summary>
    /// Returns a copy of an object in which <c>configurable</c> has the members that <paramref name="writeMembers"/> writes.
    /// </summary>
    public static JsonElement WithConfigurable(JsonElement config, Action<Utf8JsonWriter> writeMembers) =>
        GraphJson.Parse(GraphJson.Encode((config, writeMembers), static (writer, s) =>
        {
            writer.WriteStartObject();
            foreach (var member in s.config.EnumerateObject().Where(member => member.Name != Configurable))
            {
                member.WriteTo(writer);
            }

            writer.WriteStartObject(Configurable);
            s.writeMembers(writer);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }));
}

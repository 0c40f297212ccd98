using System.Text.Json;
using Weft.Graphs;

namespace Weft.Server;

/// <summary>Changes the <c>config</c> of a request for a run.</summary>
internal static class RunConfiguration
{
    private const string Configurable = "configurable";

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

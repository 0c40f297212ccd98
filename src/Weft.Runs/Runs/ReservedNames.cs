using System.Text.Json;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>
/// Members of <c>configurable</c> that only the server may set: the authenticated user, and values that engines pass to
/// themselves.
/// </summary>
internal static class ReservedNames
{
    /// <summary>Returns a client's configuration without these members.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="headers">The headers of the request, if there is one. Members with their names are removed too.</param>
    public static JsonElement Remove(JsonElement config, JsonElement? headers = null)
    {
        if (!config.TryGetProperty("configurable", out var configurable)
            || configurable.ValueKind != JsonValueKind.Object
            || !configurable.EnumerateObject().Any(member => IsRemoved(member, headers)))
        {
            return config;
        }

        return GraphJson.Parse(GraphJson.Encode((config, configurable, headers), static (writer, s) =>
        {
            writer.WriteStartObject();
            foreach (var member in s.config.EnumerateObject().Where(member => member.Name != "configurable"))
            {
                member.WriteTo(writer);
            }

            writer.WriteStartObject("configurable"u8);
            foreach (var member in s.configurable.EnumerateObject().Where(member => !IsRemoved(member, s.headers)))
            {
                member.WriteTo(writer);
            }

            writer.WriteEndObject();
            writer.WriteEndObject();
        }));
    }

    /// <summary>Whether only the server may set a member with this name.</summary>
    public static bool IsReserved(string name) =>
        name.StartsWith("__", StringComparison.Ordinal)
        || name.StartsWith("langgraph_auth_", StringComparison.OrdinalIgnoreCase);

    private static bool IsRemoved(JsonProperty member, JsonElement? headers) =>
        IsReserved(member.Name) || headers?.TryGetProperty(member.Name.ToLowerInvariant(), out _) is true;
}

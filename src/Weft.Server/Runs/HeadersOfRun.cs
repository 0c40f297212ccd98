using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Weft.Graphs;

namespace Weft.Server;

/// <summary>The headers of a request that the nodes of its run see as members of <c>configurable</c> (protocol, section A5).</summary>
internal static class HeadersOfRun
{
    /// <summary>Returns them as a JSON object, by their names in lower case; null where there are none.</summary>
    public static JsonElement? Read(IHeaderDictionary headers, ConfigurableHeaders chosen)
    {
        List<KeyValuePair<string, string>>? read = null;
        foreach (var (name, value) in headers)
        {
            if (chosen.Includes(name))
            {
                (read ??= []).Add(new(name.ToLowerInvariant(), value.ToString()));
            }
        }

        return read is null ? null : GraphJson.Parse(GraphJson.Encode(read, static (writer, headers) =>
        {
            writer.WriteStartObject();
            foreach (var (name, value) in headers)
            {
                writer.WriteString(name, value);
            }

            writer.WriteEndObject();
        }));
    }

    /// <summary>
    /// Returns <c>config</c> without members of <c>configurable</c> that are named like a header of the request: what a header
    /// says, which a proxy may have set, a body can't say otherwise; also where the header itself is left out.
    /// </summary>
    public static JsonElement? WithoutThem(JsonElement? config, IHeaderDictionary headers, ConfigurableHeaders chosen)
    {
        if (config is not { ValueKind: JsonValueKind.Object } given || !given.TryGetProperty("configurable", out var configurable)
            || configurable.ValueKind != JsonValueKind.Object || !configurable.EnumerateObject().Any(IsHeader))
        {
            return config;
        }

        return GraphJson.Parse(GraphJson.Encode(given, (writer, given) =>
        {
            writer.WriteStartObject();
            foreach (var member in given.EnumerateObject().Where(member => member.Name != "configurable"))
            {
                member.WriteTo(writer);
            }

            writer.WriteStartObject("configurable"u8);
            foreach (var member in configurable.EnumerateObject().Where(member => !IsHeader(member)))
            {
                member.WriteTo(writer);
            }

            writer.WriteEndObject();
            writer.WriteEndObject();
        }));

        bool IsHeader(JsonProperty member) => chosen.IsCandidate(member.Name) && headers.ContainsKey(member.Name);
    }
}

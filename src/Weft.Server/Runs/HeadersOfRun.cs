using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Server;

/// <summary>
/// The headers of a request that the nodes of its run see as members of <c>configurable</c> (docs/protocol/README.md A5).
/// </summary>
internal static class HeadersOfRun
{
    /// <summary>
    /// Returns the headers as a JSON object, with their names in lower case; null if there are none. An excluded header is null in it,
    /// so that the configuration of an assistant can't take its place.
    /// </summary>
    public static JsonElement? Read(IHeaderDictionary headers, ConfigurableHeaders chosen)
    {
        List<KeyValuePair<string, string?>>? read = null;
        foreach (var (name, value) in headers)
        {
            if (chosen.UseOf(name) is var use and not HeaderUse.None && !ReservedNames.IsReserved(name))
            {
                (read ??= []).Add(new(name.ToLowerInvariant(), use == HeaderUse.Included ? value.ToString() : null));
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
    /// Returns <paramref name="config"/> without the members of <c>configurable</c> that have the name of a header of the request.
    /// A body must not override a header, which a proxy may have set; this includes headers that are excluded.
    /// </summary>
    public static JsonElement? WithoutThem(JsonElement? config, IHeaderDictionary headers, ConfigurableHeaders chosen)
    {
        return RunConfiguration.ConfigurableOf(config) is { } configurable && configurable.EnumerateObject().Any(IsHeader)
            ? RunConfiguration.WithConfigurable(config!.Value, writer =>
            {
                foreach (var member in configurable.EnumerateObject().Where(member => !IsHeader(member)))
                {
                    member.WriteTo(writer);
                }
            })
            : config;

        bool IsHeader(JsonProperty member) => chosen.UseOf(member.Name) != HeaderUse.None && headers.ContainsKey(member.Name);
    }
}

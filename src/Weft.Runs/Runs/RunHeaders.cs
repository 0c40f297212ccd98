using System.Text.Json;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>
/// The headers of a request, as a JSON object with their names in lower case. A header that nodes do not see is null there: its value
/// is not passed on, but configuration with its name must not take its place.
/// </summary>
internal static class RunHeaders
{
    /// <summary>Returns the headers that nodes see; null if there are none.</summary>
    public static JsonElement? WithoutHidden(JsonElement? headers)
    {
        if (headers is not { } all || !all.EnumerateObject().Any(IsHidden))
        {
            return headers;
        }

        if (all.EnumerateObject().All(IsHidden))
        {
            return null;
        }

        return GraphJson.Parse(GraphJson.Encode(all, static (writer, all) =>
        {
            writer.WriteStartObject();
            foreach (var header in all.EnumerateObject().Where(header => !IsHidden(header)))
            {
                header.WriteTo(writer);
            }

            writer.WriteEndObject();
        }));
    }

    private static bool IsHidden(JsonProperty header) => header.Value.ValueKind == JsonValueKind.Null;
}

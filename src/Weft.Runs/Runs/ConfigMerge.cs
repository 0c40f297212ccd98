using System.Text.Json;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>Merges configurations. The more specific one takes precedence (docs/protocol/runs.md B5).</summary>
internal static class ConfigMerge
{
    /// <summary>
    /// Returns <paramref name="over"/> merged over <paramref name="under"/>. Objects are merged recursively, member by member.
    /// Other values are replaced.
    /// </summary>
    public static JsonElement Deep(JsonElement under, JsonElement over)
    {
        if (IsEmpty(under))
        {
            return over;
        }

        return IsEmpty(over)
            ? under
            : GraphJson.Parse(GraphJson.Encode((under, over), static (writer, s) => Write(writer, s.under, s.over)));
    }

    /// <summary>
    /// Returns <paramref name="over"/> merged over <paramref name="under"/>. Only the members of the two objects themselves are
    /// merged.
    /// </summary>
    public static JsonElement? Shallow(JsonElement under, JsonElement? over)
    {
        if (over is null || (over is { ValueKind: JsonValueKind.Object } given && IsEmpty(given)))
        {
            return IsEmpty(under) ? over : under;
        }

        if (over.Value.ValueKind != JsonValueKind.Object || IsEmpty(under))
        {
            return over;
        }

        return GraphJson.Parse(GraphJson.Encode((under, over.Value), static (writer, s) =>
        {
            writer.WriteStartObject();
            foreach (var member in s.under.EnumerateObject())
            {
                if (!s.Value.TryGetProperty(member.Name, out _))
                {
                    member.WriteTo(writer);
                }
            }

            foreach (var member in s.Value.EnumerateObject())
            {
                member.WriteTo(writer);
            }

            writer.WriteEndObject();
        }));
    }

    private static bool IsEmpty(JsonElement json) => json.ValueKind == JsonValueKind.Object && !json.EnumerateObject().MoveNext();

    private static void Write(Utf8JsonWriter writer, JsonElement under, JsonElement over)
    {
        if (under.ValueKind != JsonValueKind.Object || over.ValueKind != JsonValueKind.Object)
        {
            over.WriteTo(writer);
            return;
        }

        writer.WriteStartObject();
        foreach (var member in under.EnumerateObject())
        {
            if (over.TryGetProperty(member.Name, out var replacement))
            {
                writer.WritePropertyName(member.Name);
                Write(writer, member.Value, replacement);
            }
            else
            {
                member.WriteTo(writer);
            }
        }

        foreach (var member in over.EnumerateObject())
        {
            if (!under.TryGetProperty(member.Name, out _))
            {
                member.WriteTo(writer);
            }
        }

        writer.WriteEndObject();
    }
}

using System.Text.Json;

namespace Weft.Runs;

/// <summary>
/// Containment of JSON for searches, with the rules of PostgreSQL's <c>@&gt;</c>. An object contains another one if it has each
/// of its keys with a value that contains the other value. A list contains another one if some item, in any order, contains each
/// of its items. Other values must be equal.
/// </summary>
public static class JsonContainment
{
    /// <summary>Whether <paramref name="whole"/> contains <paramref name="part"/>.</summary>
    public static bool Contains(JsonElement whole, JsonElement part)
    {
        if (part.ValueKind == JsonValueKind.Array)
        {
            return whole.ValueKind == JsonValueKind.Array
                && part.EnumerateArray().All(item => whole.EnumerateArray().Any(other => Contains(other, item)));
        }

        if (part.ValueKind != JsonValueKind.Object)
        {
            return JsonElement.DeepEquals(whole, part);
        }

        if (whole.ValueKind != JsonValueKind.Object)
        {
            return false;
        }

        foreach (var member in part.EnumerateObject())
        {
            if (!whole.TryGetProperty(member.Name, out var value) || !Contains(value, member.Value))
            {
                return false;
            }
        }

        return true;
    }
}

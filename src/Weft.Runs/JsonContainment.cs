using System.Text.Json;

namespace Weft.Runs;

/// <summary>
/// Containment of JSON as searches mean it, and as PostgreSQL's <c>@&gt;</c> has it: every given key is present with a value that
/// contains the given one; every given item of a list is contained in some item, whatever their order; all else is equal.
/// </summary>
public static class JsonContainment
{
    /// <summary>Whether <paramref name="whole"/> contains <paramref name="part"/>.</summary>
    public static bool Contains(JsonElement whole, JsonElement part)
    {
        if (part.ValueKind == JsonValueKind.Array)
        {
            return whole.ValueKind == JsonValueKind.Array && part.EnumerateArray().All(item => whole.EnumerateArray().Any(other => Contains(other, item)));
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

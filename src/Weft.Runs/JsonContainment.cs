using System.Text.Json;

namespace Weft.Runs;

/// <summary>Containment of JSON as searches mean it: every given key is present and equal, nested objects recursively.</summary>
public static class JsonContainment
{
    /// <summary>Whether <paramref name="whole"/> contains <paramref name="part"/>.</summary>
    public static bool Contains(JsonElement whole, JsonElement part)
    {
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

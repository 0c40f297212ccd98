using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Weft.Server;

/// <summary>Writes the difference of JSON values as operations of RFC 6902, a JSON array.</summary>
internal sealed class JsonPatch(Utf8JsonWriter writer)
{
    /// <summary>The number of operations.</summary>
    public int Count { get; private set; }

    /// <summary>Whether clients refuse an operation, because its path leads into the prototype of an object.</summary>
    public bool IsRefused { get; private set; }

    /// <summary>Returns the JSON Pointer (RFC 6901) of a member.</summary>
    public static string Join(string path, string member) =>
        $"{path}/{member.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}";

    public void Add(string path, JsonElement value) => Write("add"u8, path, value);

    public void Replace(string path, JsonElement value) => Write("replace"u8, path, value);

    public void Remove(string path) => Write("remove"u8, path, null);

    /// <summary>Adds the operations that turn one value at a path into another.</summary>
    public void Compare(string path, JsonElement before, JsonElement after)
    {
        if (IsSame(before, after))
        {
            return;
        }

        switch (before.ValueKind, after.ValueKind)
        {
            case (JsonValueKind.Object, JsonValueKind.Object):
                CompareMembers(path, before, after);
                break;
            case (JsonValueKind.Array, JsonValueKind.Array):
                CompareItems(path, [.. before.EnumerateArray()], [.. after.EnumerateArray()]);
                break;
            default:
                Replace(path, after);
                break;
        }
    }

    private static bool IsSame(JsonElement before, JsonElement after) =>
        JsonMarshal.GetRawUtf8Value(before).SequenceEqual(JsonMarshal.GetRawUtf8Value(after));

    private void CompareMembers(string path, JsonElement before, JsonElement after)
    {
        foreach (var member in before.EnumerateObject().Where(member => !after.TryGetProperty(member.Name, out _)))
        {
            Remove(Join(path, member.Name));
        }

        foreach (var member in after.EnumerateObject())
        {
            if (before.TryGetProperty(member.Name, out var known))
            {
                Compare(Join(path, member.Name), known, member.Value);
            }
            else
            {
                Add(Join(path, member.Name), member.Value);
            }
        }
    }

    /// <summary>Items that are the same at both ends stay. Those between them are compared one by one.</summary>
    private void CompareItems(string path, JsonElement[] before, JsonElement[] after)
    {
        var shorter = Math.Min(before.Length, after.Length);
        var start = 0;
        while (start < shorter && IsSame(before[start], after[start]))
        {
            start++;
        }

        var end = 0;
        while (end < shorter - start && IsSame(before[^(end + 1)], after[^(end + 1)]))
        {
            end++;
        }

        var both = shorter - end;
        for (var i = start; i < both; i++)
        {
            Compare(At(path, i), before[i], after[i]);
        }

        // The last one first, so that the places of the others stay.
        for (var i = before.Length - end - 1; i >= both; i--)
        {
            Remove(At(path, i));
        }

        for (var i = both; i < after.Length - end; i++)
        {
            Add(At(path, i), after[i]);
        }
    }

    private static string At(string path, int index) => string.Create(CultureInfo.InvariantCulture, $"{path}/{index}");

    private void Write(ReadOnlySpan<byte> operation, string path, JsonElement? value)
    {
        Count++;
        IsRefused |= path.Contains("/__proto__", StringComparison.Ordinal) || path.Contains("/prototype", StringComparison.Ordinal);
        writer.WriteStartObject();
        writer.WriteString("op"u8, operation);
        writer.WriteString("path"u8, path);
        if (value is { } given)
        {
            writer.WritePropertyName("value"u8);
            given.WriteTo(writer);
        }

        writer.WriteEndObject();
    }
}

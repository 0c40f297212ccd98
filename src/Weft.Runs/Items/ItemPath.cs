using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;

namespace Weft.Runs;

/// <summary>
/// A path to texts in the value of an item: names with dots between them, <c>*</c> for all members, <c>[*]</c> for all elements of
/// a list, <c>[2]</c> or <c>[-1]</c> for one of them. <c>$</c> is the whole value.
/// </summary>
internal sealed class ItemPath
{
    private const string Whole = "$";
    private const string All = "*";

    private readonly string[] _steps;

    private ItemPath(string[] steps) => _steps = steps;

    public static bool TryParse(string path, [NotNullWhen(true)] out ItemPath? result)
    {
        result = null;
        if (path is "" or Whole)
        {
            result = new ItemPath([]);
            return true;
        }

        var steps = new List<string>();
        foreach (var part in (path.StartsWith("$.", StringComparison.Ordinal) ? path[2..] : path).Split('.'))
        {
            var bracket = part.IndexOf('[', StringComparison.Ordinal);
            var name = bracket < 0 ? part : part[..bracket];
            if (name.Length == 0 && (bracket < 0 || steps.Count > 0))
            {
                return false;
            }

            if (name.Length > 0)
            {
                steps.Add(name);
            }

            for (var rest = part.AsSpan(name.Length); !rest.IsEmpty;)
            {
                var end = rest.IndexOf(']');
                if (rest[0] != '[' || end < 0 || !IsIndex(rest[1..end]))
                {
                    return false;
                }

                steps.Add(rest[..(end + 1)].ToString());
                rest = rest[(end + 1)..];
            }
        }

        result = new ItemPath([.. steps]);
        return true;
    }

    /// <summary>Returns the texts at the path. Numbers, truth values, objects and lists are texts too; null is none.</summary>
    public IEnumerable<string> Read(JsonElement value) => Read(value, 0);

    private static bool IsIndex(ReadOnlySpan<char> text) =>
        text is All || int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _);

    private static string? TextOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.Undefined => null,
        JsonValueKind.String => value.GetString(),
        _ => value.GetRawText(),
    };

    private static IEnumerable<JsonElement> Step(JsonElement value, string step)
    {
        if (step[0] == '[')
        {
            if (value.ValueKind != JsonValueKind.Array)
            {
                return [];
            }

            var index = step.AsSpan(1, step.Length - 2);
            if (index is All)
            {
                return value.EnumerateArray();
            }

            var at = int.Parse(index, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
            at += at < 0 ? value.GetArrayLength() : 0;
            return at >= 0 && at < value.GetArrayLength() ? [value[at]] : [];
        }

        return value.ValueKind switch
        {
            JsonValueKind.Object when value.TryGetProperty(step, out var member) => [member],
            JsonValueKind.Object when step == All => value.EnumerateObject().Select(member => member.Value),
            JsonValueKind.Array when step == All => value.EnumerateArray(),
            _ => [],
        };
    }

    private IEnumerable<string> Read(JsonElement value, int step) => step < _steps.Length
        ? Step(value, _steps[step]).SelectMany(next => Read(next, step + 1))
        : TextOf(value) is { } text && !string.IsNullOrWhiteSpace(text) ? [text] : [];
}

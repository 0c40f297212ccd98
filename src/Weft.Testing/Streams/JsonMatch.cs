using System.Text.Json;

namespace Weft.Testing;

/// <summary>
/// Compares JSON with what a test expects. Objects may have more members than expected, because states and messages have ids that
/// no test knows.
/// </summary>
internal static class JsonMatch
{
    /// <exception cref="ExpectationException">The expected text is not JSON.</exception>
    public static JsonElement Parse(string json)
    {
        try
        {
            return JsonElement.Parse(json);
        }
        catch (JsonException e)
        {
            throw new ExpectationException($"The test expects something that is not JSON ({e.Message}): {json}");
        }
    }

    /// <summary>Returns where the two differ, such as <c>$.messages[0].content</c>; null if the actual JSON is as expected.</summary>
    public static string? FindDifference(JsonElement expected, JsonElement actual, string path = "$")
    {
        if (expected.ValueKind == JsonValueKind.Object && actual.ValueKind == JsonValueKind.Object)
        {
            return expected.EnumerateObject()
                .Select(member => actual.TryGetProperty(member.Name, out var value)
                    ? FindDifference(member.Value, value, $"{path}.{member.Name}")
                    : $"{path}.{member.Name}")
                .FirstOrDefault(difference => difference is not null);
        }

        if (expected.ValueKind == JsonValueKind.Array && actual.ValueKind == JsonValueKind.Array)
        {
            return expected.GetArrayLength() != actual.GetArrayLength()
                ? path
                : expected.EnumerateArray()
                    .Select((item, index) => FindDifference(item, actual[index], $"{path}[{index}]"))
                    .FirstOrDefault(difference => difference is not null);
        }

        return JsonElement.DeepEquals(expected, actual) ? null : path;
    }

    /// <summary>Checks one value.</summary>
    /// <exception cref="ExpectationException">It is another one.</exception>
    public static void Expect(string what, string expected, JsonElement actual)
    {
        if (FindDifference(Parse(expected), actual) is { } difference)
        {
            throw new ExpectationException(
                $"""
                {what} is not as expected at {difference}.
                expected: {expected}
                but was:  {actual.GetRawText()}
                """);
        }
    }

    /// <summary>Checks a list of values.</summary>
    /// <exception cref="ExpectationException">It has other values.</exception>
    public static void Expect(string what, IReadOnlyList<string> expected, IReadOnlyList<JsonElement> actual)
    {
        for (var i = 0; i < Math.Max(expected.Count, actual.Count); i++)
        {
            var difference = i >= expected.Count || i >= actual.Count ? "$" : FindDifference(Parse(expected[i]), actual[i]);
            if (difference is not null)
            {
                throw new ExpectationException(
                    $"""
                    {what} are not as expected: number {i + 1} differs at {difference}.
                    expected {expected.Count}:
                    {Lines(expected)}
                    but there were {actual.Count}:
                    {Lines(actual.Select(value => value.GetRawText()))}
                    """);
            }
        }
    }

    /// <summary>Checks a list of names.</summary>
    /// <exception cref="ExpectationException">It has other names.</exception>
    public static void ExpectNames(string what, IReadOnlyList<string> expected, IReadOnlyList<string> actual)
    {
        if (!expected.SequenceEqual(actual, StringComparer.Ordinal))
        {
            throw new ExpectationException(
                $"""
                {what} are not as expected.
                expected: {Join(expected)}
                but were: {Join(actual)}
                """);
        }
    }

    private static string Join(IReadOnlyList<string> names) => names.Count == 0 ? "(none)" : string.Join(", ", names);

    private static string Lines(IEnumerable<string> lines) =>
        string.Join(Environment.NewLine, lines.Select((line, index) => $"  {index + 1}. {line}"));
}

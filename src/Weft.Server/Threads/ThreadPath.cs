using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Server;

/// <summary>
/// A path into a thread, such as <c>values.messages[-1].content</c>, whose value a search extracts (docs/protocol/threads.md B3).
/// </summary>
internal sealed partial class ThreadPath
{
    private const int PathsMax = 10;
    private const int LengthMax = 1_000;

    private static readonly string[] Roots = ["values", "metadata", "config", "interrupts"];

    private readonly string _root;
    private readonly object[] _steps;

    private ThreadPath(string root, object[] steps)
    {
        _root = root;
        _steps = steps;
    }

    /// <summary>Whether it leads into the values.</summary>
    public bool IsOfValues => _root == "values";

    /// <summary>Reads the paths of a search, by the names that their parts get.</summary>
    public static IReadOnlyDictionary<string, ThreadPath>? ReadAll(IReadOnlyDictionary<string, string>? extract) =>
        extract is { Count: > PathsMax }
            ? throw Requests.Invalid("extract", $"It must have at most {PathsMax} paths.")
            : extract?.ToDictionary(entry => entry.Key, entry => Read(entry.Value, "extract." + entry.Key));

    /// <summary>Writes the value of each path; null if it does not exist.</summary>
    public static void Write(Utf8JsonWriter writer, ThreadView view, IReadOnlyDictionary<string, ThreadPath> paths)
    {
        var roots = new Dictionary<string, JsonElement>();
        writer.WriteStartObject("extracted"u8);
        foreach (var (alias, path) in paths)
        {
            if (!roots.TryGetValue(path._root, out var root))
            {
                roots[path._root] = root = RootOf(view, path._root);
            }

            writer.WritePropertyName(alias);
            if (path.Follow(root) is { } found)
            {
                found.WriteTo(writer);
            }
            else
            {
                writer.WriteNullValue();
            }
        }

        writer.WriteEndObject();
    }

    private static ThreadPath Read(string? path, string field)
    {
        if (path is null || path.Length > LengthMax || !Form().IsMatch(path))
        {
            throw Requests.Invalid(field, $"'{path}' is not a path such as values.messages[-1].content.");
        }

        var steps = Step().Matches(path).Select(step => step.Groups["index"] is { Success: true } index
            ? int.TryParse(index.ValueSpan, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
                ? number
                : throw Requests.Invalid(field, $"{index.Value} is not an index.")
            : (object)step.Value.TrimStart('.')).ToArray();
        return steps[0] is string root && Roots.Contains(root)
            ? new ThreadPath(root, steps[1..])
            : throw Requests.Invalid(field, $"It must begin with one of {string.Join(", ", Roots)}.");
    }

    private static JsonElement RootOf(ThreadView view, string root) => root switch
    {
        "values" => view.Values is { } values
            ? GraphJson.Parse(GraphJson.Encode(values, static (writer, values) => values.WriteTo(writer)))
            : GraphJson.Null,
        "metadata" => GraphJson.Parse(Encoding.UTF8.GetBytes(view.Thread.Metadata)),
        "config" => GraphJson.Parse(Encoding.UTF8.GetBytes(view.Thread.Config)),
        _ => GraphJson.Parse(Encoding.UTF8.GetBytes(view.Thread.Interrupts)),
    };

    [GeneratedRegex(@"^[^.\[\]]+(\.[^.\[\]]+|\[-?[0-9]+\])*$")]
    private static partial Regex Form();

    [GeneratedRegex(@"\[(?<index>-?[0-9]+)\]|\.?[^.\[\]]+")]
    private static partial Regex Step();

    private JsonElement? Follow(JsonElement at)
    {
        foreach (var step in _steps)
        {
            if (step is string name && at.ValueKind == JsonValueKind.Object && at.TryGetProperty(name, out var member))
            {
                at = member;
            }
            else if (step is int index && at.ValueKind == JsonValueKind.Array
                && at.GetArrayLength() is var length && index < length && index >= -length)
            {
                at = at[index < 0 ? index + length : index];
            }
            else
            {
                return null;
            }
        }

        return at;
    }
}

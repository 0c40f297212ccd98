using System.Text.Json;

namespace Weft.Agents;

/// <summary>
/// Checks arguments against the JSON schema of a tool: <c>type</c>, <c>enum</c>, <c>const</c>, <c>required</c>,
/// <c>properties</c>, <c>additionalProperties</c> and <c>items</c>, at every depth. Other keywords are not checked.
/// </summary>
internal static class ToolSchema
{
    /// <summary>Returns the first problem of the value; null if it is valid.</summary>
    /// <param name="schema">The schema.</param>
    /// <param name="value">The value.</param>
    /// <param name="path">How the message names the value.</param>
    public static string? FindProblem(JsonElement schema, JsonElement value, string path)
    {
        if (schema.ValueKind == JsonValueKind.False)
        {
            return $"{path} is not allowed";
        }

        if (schema.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        return FindWrongType(schema, value, path)
            ?? FindWrongValue(schema, value, path)
            ?? (value.ValueKind switch
            {
                JsonValueKind.Object => FindWrongMember(schema, value, path),
                JsonValueKind.Array => FindWrongItem(schema, value, path),
                _ => null,
            });
    }

    private static string? FindWrongType(JsonElement schema, JsonElement value, string path)
    {
        if (!schema.TryGetProperty("type", out var type))
        {
            return null;
        }

        var types = type.ValueKind == JsonValueKind.Array
            ? [.. type.EnumerateArray().Select(one => one.GetString())]
            : new[] { type.GetString() };
        return types.Any(one => IsOf(one, value)) ? null : $"{path} must be of type {string.Join(" or ", types)} (was {Shown(value)})";
    }

    private static bool IsOf(string? type, JsonElement value) => type switch
    {
        "object" => value.ValueKind == JsonValueKind.Object,
        "array" => value.ValueKind == JsonValueKind.Array,
        "string" => value.ValueKind == JsonValueKind.String,
        "number" => value.ValueKind == JsonValueKind.Number,
        // In JSON Schema 1.0 is an integer, but a parameter of type int can't take it.
        "integer" => value.ValueKind == JsonValueKind.Number && value.GetRawText().AsSpan().IndexOfAny('.', 'e', 'E') < 0,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "null" => value.ValueKind == JsonValueKind.Null,
        _ => true,
    };

    private static string? FindWrongValue(JsonElement schema, JsonElement value, string path)
    {
        if (schema.TryGetProperty("enum", out var values) && !values.EnumerateArray().Any(one => JsonElement.DeepEquals(one, value)))
        {
            var choices = string.Join(", ", values.EnumerateArray().Select(one => one.GetRawText()));
            return $"{path} must be one of {choices} (was {Shown(value)})";
        }

        return schema.TryGetProperty("const", out var only) && !JsonElement.DeepEquals(only, value)
            ? $"{path} must be {only.GetRawText()} (was {Shown(value)})"
            : null;
    }

    private static string? FindWrongMember(JsonElement schema, JsonElement value, string path)
    {
        if (schema.TryGetProperty("required", out var required))
        {
            foreach (var name in required.EnumerateArray())
            {
                if (!value.TryGetProperty(name.GetString()!, out _))
                {
                    return $"{path}.{name.GetString()} is missing";
                }
            }
        }

        var known = schema.TryGetProperty("properties", out var properties) && properties.ValueKind == JsonValueKind.Object;
        var others = schema.TryGetProperty("additionalProperties", out var additional) ? additional : default;
        foreach (var member in value.EnumerateObject())
        {
            var own = known && properties.TryGetProperty(member.Name, out var property) ? property : others;
            if (FindProblem(own, member.Value, $"{path}.{member.Name}") is { } problem)
            {
                return problem;
            }
        }

        return null;
    }

    private static string? FindWrongItem(JsonElement schema, JsonElement value, string path)
    {
        if (!schema.TryGetProperty("items", out var items))
        {
            return null;
        }

        return value.EnumerateArray()
            .Select((item, index) => FindProblem(items, item, $"{path}[{index}]"))
            .FirstOrDefault(problem => problem is not null);
    }

    private static string Shown(JsonElement value) => value.GetRawText() is { Length: > 100 } text ? $"{text[..100]}…" : value.GetRawText();
}

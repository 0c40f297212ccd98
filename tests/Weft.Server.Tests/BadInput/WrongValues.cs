using System.Text.Json;

namespace Weft.Server.Tests.BadInput;

/// <summary>Values for a field that clients send by mistake, or to do harm.</summary>
internal static class WrongValues
{
    private static readonly (string Json, string Type)[] Values =
    [
        ("null", "null"), ("true", "boolean"), ("7", "integer"), ("-1", "integer"), ("1.5", "number"), ("\"\"", "string"),
        ("\"x\"", "string"), ("[]", "array"), ("{}", "object"), ("[null]", "array"), ("""{"a":{"b":[1]}}""", "object"),
    ];

    private static readonly string[] Texts =
    [
        "\"'; DROP TABLE threads; --\"", "\"../../etc/passwd\"", "\"{{7*7}}${7*7}\"", "\"\\u0000\"", "\"\\ud800\"", "\"é𝄞\\u202e\"",
        "\"%s%n%00\"", "1e300", "99999999999999999999", "\"__proto__\"", '"' + new string('a', 20_000) + '"',
    ];

    /// <summary>Returns values that the schema does not allow.</summary>
    public static IEnumerable<string> Refused(ApiOperation operation, JsonElement schema) =>
        Values.Where(value => !Allows(operation, schema, value.Json, value.Type)).Select(value => value.Json);

    /// <summary>Returns values that the schema allows, or says nothing about.</summary>
    public static IEnumerable<string> Unusual(ApiOperation operation, JsonElement schema) =>
        Values.Where(value => Allows(operation, schema, value.Json, value.Type)).Select(value => value.Json).Concat(Texts);

    private static bool Allows(ApiOperation operation, JsonElement schema, string json, string type)
    {
        schema = operation.Resolve(schema);
        foreach (var choice in (string[])["anyOf", "oneOf"])
        {
            if (schema.TryGetProperty(choice, out var choices))
            {
                return choices.EnumerateArray().Any(one => Allows(operation, one, json, type));
            }
        }

        if (schema.TryGetProperty("enum", out var members))
        {
            return members.EnumerateArray().Any(member => member.GetRawText() == json);
        }

        if (!schema.TryGetProperty("type", out var types))
        {
            return true;
        }

        var allowed = types.ValueKind == JsonValueKind.Array
            ? [.. types.EnumerateArray().Select(one => one.GetString()!)]
            : new[] { types.GetString()! };
        return (allowed.Contains(type) || (type == "integer" && allowed.Contains("number"))) && IsInRange(schema, json, type);
    }

    private static bool IsInRange(JsonElement schema, string json, string type)
    {
        var number = type is "integer" or "number" ? double.Parse(json, System.Globalization.CultureInfo.InvariantCulture) : (double?)null;
        return (number is null
                || ((!schema.TryGetProperty("minimum", out var least) || number >= least.GetDouble())
                    && (!schema.TryGetProperty("maximum", out var most) || number <= most.GetDouble())))
            && !(json == "\"\"" && schema.TryGetProperty("minLength", out var length) && length.GetInt32() > 0)
            && !(json == "[]" && schema.TryGetProperty("minItems", out var count) && count.GetInt32() > 0)
            && !(json == "[null]" && schema.TryGetProperty("items", out var items) && items.TryGetProperty("type", out var inner)
                && !inner.GetRawText().Contains("null", StringComparison.Ordinal))
            && !(type == "string" && schema.TryGetProperty("format", out var format) && format.GetString() is "uuid" or "date-time");
    }
}

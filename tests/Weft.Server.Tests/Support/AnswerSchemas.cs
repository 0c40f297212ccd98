using System.Text.Json;

namespace Weft.Server.Tests;

/// <summary>The answers that the OpenAPI document describes, to compare real answers with.</summary>
internal sealed class AnswerSchemas(JsonElement document)
{
    private readonly HashSet<string> _called = [];

    /// <summary>The operations that no answer has been compared with, such as <c>get /threads/{thread_id}</c>.</summary>
    public IEnumerable<string> NotCalled => document.GetProperty("paths").EnumerateObject()
        .SelectMany(path => path.Value.EnumerateObject().Select(operation => $"{operation.Name} {path.Name}"))
        .Except(_called);

    /// <summary>Whether the operation always answers with server-sent events.</summary>
    public bool IsStream(string method, string path) =>
        Responses(method, path).TryGetProperty("200", out var ok) && ok.TryGetProperty("content", out var content)
        && content.TryGetProperty("text/event-stream", out _) && !content.TryGetProperty("application/json", out _);

    /// <summary>Notes that the operation has answered with server-sent events, as the document says.</summary>
    public void SawStream(string method, string path) => _called.Add($"{method} {path}");

    /// <summary>Fails unless the document describes the status, the content type and each member of the answer.</summary>
    public void Check(string method, string path, Answer answer)
    {
        _called.Add($"{method} {path}");
        var call = $"{method} {path} {answer.Status}";
        Responses(method, path).TryGetProperty($"{answer.Status}", out var response)
            .ShouldBeTrue($"{call} is not described: {answer.Text}");
        var hasContent = response.TryGetProperty("content", out var content);
        hasContent.ShouldBe(answer.Text.Length > 0, $"{call}: {answer.Text}");
        if (hasContent)
        {
            var type = answer.Header("Content-Type")!.Split(';')[0];
            content.TryGetProperty(type, out var media).ShouldBeTrue($"{call}: {type}");
            Mistakes(media.GetProperty("schema"), answer.Json, call).ShouldBeEmpty();
        }
    }

    private JsonElement Responses(string method, string path) =>
        document.GetProperty("paths").GetProperty(path).GetProperty(method).GetProperty("responses");

    /// <summary>Compares as JSON Schema does, except that members that a schema with members does not name are mistakes.</summary>
    public IEnumerable<string> Mistakes(JsonElement schema, JsonElement json, string at)
    {
        if (schema.TryGetProperty("$ref", out var reference))
        {
            return Mistakes(Resolve(reference.GetString()!), json, at);
        }

        foreach (var choice in (string[])["oneOf", "anyOf"])
        {
            if (schema.TryGetProperty(choice, out var choices))
            {
                var each = choices.EnumerateArray().Select(one => Mistakes(one, json, at).ToList()).ToList();
                return each.Exists(mistakes => mistakes.Count == 0) ? [] : each.SelectMany(mistakes => mistakes);
            }
        }

        if (schema.TryGetProperty("type", out var type) && !Types(type).Any(name => IsOfType(json, name)))
        {
            return [$"{at}: {json.GetRawText()} is not {type.GetRawText()}"];
        }

        if (schema.TryGetProperty("enum", out var values) && !values.EnumerateArray().Any(value => JsonElement.DeepEquals(value, json)))
        {
            return [$"{at}: {json.GetRawText()} is none of {values.GetRawText()}"];
        }

        return json.ValueKind switch
        {
            JsonValueKind.Object => MembersOf(schema, json, at),
            JsonValueKind.Array when schema.TryGetProperty("items", out var items) =>
                json.EnumerateArray().SelectMany((item, index) => Mistakes(items, item, $"{at}[{index}]")),
            _ => [],
        };
    }

    private IEnumerable<string> MembersOf(JsonElement schema, JsonElement json, string at)
    {
        var hasMembers = schema.TryGetProperty("properties", out var properties);
        var hasOthers = schema.TryGetProperty("additionalProperties", out var others);
        foreach (var member in json.EnumerateObject())
        {
            var inside = $"{at}.{member.Name}";
            var described = hasMembers && properties.TryGetProperty(member.Name, out var property) ? property
                : hasOthers ? others
                : default;
            var mistakes = described.ValueKind == JsonValueKind.Object ? Mistakes(described, member.Value, inside)
                : hasMembers ? [$"{inside} is not described"] : [];
            foreach (var mistake in mistakes)
            {
                yield return mistake;
            }
        }

        foreach (var name in schema.TryGetProperty("required", out var required) ? required.Strings() : [])
        {
            if (!json.TryGetProperty(name, out _))
            {
                yield return $"{at}.{name} is missing";
            }
        }
    }

    private JsonElement Resolve(string reference) =>
        reference.Split('/').Skip(1).Aggregate(document, (at, name) => at.TryGetProperty(name, out var found)
            ? found
            : throw new InvalidOperationException($"The document has no {reference}."));

    private static string[] Types(JsonElement type) => type.ValueKind == JsonValueKind.Array ? type.Strings() : [type.GetString()!];

    private static bool IsOfType(JsonElement json, string type) => json.ValueKind switch
    {
        JsonValueKind.Null => type == "null",
        JsonValueKind.String => type == "string",
        JsonValueKind.Number => type == "number" || (type == "integer" && json.TryGetInt64(out _)),
        JsonValueKind.True or JsonValueKind.False => type == "boolean",
        JsonValueKind.Array => type == "array",
        _ => type == "object",
    };
}

using System.Text.Json;

namespace Weft.Server.Tests.Openapi;

/// <summary>
/// What an OpenAPI document says of each operation: the places in its parameters, bodies and answers, with the types and the values that
/// each may have. Places are written as <c>derive.mjs</c> writes them.
/// </summary>
internal sealed class DescribedApi
{
    private readonly JsonElement _document;
    private readonly Dictionary<string, Described> _places = [];

    public DescribedApi(JsonElement document)
    {
        _document = document;
        foreach (var path in document.GetProperty("paths").EnumerateObject())
        {
            foreach (var operation in path.Value.EnumerateObject())
            {
                Add($"{operation.Name.ToUpperInvariant()} {path.Name}", operation.Value);
            }
        }
    }

    /// <summary>Returns what a place may have; null if the document does not describe it.</summary>
    public Described? Find(string place) => _places.GetValueOrDefault(place);

    private void Add(string call, JsonElement operation)
    {
        _places[call] = new Described();
        foreach (var parameter in ItemsOf(operation, "parameters"))
        {
            Add($"{call} {parameter.Text("in")}:{parameter.Text("name")}", parameter.GetProperty("schema"), []);
        }

        if (operation.TryGetProperty("requestBody", out var body))
        {
            AddContent($"{call} body", body, isBody: true);
        }

        foreach (var response in operation.GetProperty("responses").EnumerateObject())
        {
            _places[$"{call} {response.Name}"] = new Described();
            if (response.Name[0] == '2')
            {
                AddContent($"{call} {response.Name}", response.Value, isBody: false);
            }
        }
    }

    private void AddContent(string place, JsonElement described, bool isBody)
    {
        if (!described.TryGetProperty("content", out var content))
        {
            return;
        }

        foreach (var type in content.EnumerateObject())
        {
            var name = type.Name switch { "application/json" => "json", "text/event-stream" => "events", "text/plain" => "text", _ => type.Name };
            var schema = type.Value.TryGetProperty("schema", out var given) ? given : JsonElement.Parse("{}");
            Add(isBody ? place : $"{place} {name}", schema, []);
        }
    }

    private void Add(string place, JsonElement schema, string[] inside)
    {
        if (!_places.TryGetValue(place, out var described))
        {
            _places[place] = described = new Described();
        }

        if (schema.TryGetProperty("$ref", out var reference))
        {
            var target = reference.GetString()!;
            if (!inside.Contains(target))
            {
                Add(place, target.Split('/').Skip(1).Aggregate(_document, (at, name) => at.GetProperty(name)), [.. inside, target]);
            }

            return;
        }

        foreach (var part in ItemsOf(schema, "anyOf").Concat(ItemsOf(schema, "oneOf")).Concat(ItemsOf(schema, "allOf")))
        {
            Add(place, part, inside);
        }

        described.Types.UnionWith(TypesOf(schema));
        described.Values.UnionWith(ItemsOf(schema, "enum").Select(value => value.ToString()));
        foreach (var member in schema.TryGetProperty("properties", out var members) ? members.EnumerateObject().ToArray() : [])
        {
            Add($"{place}.{member.Name}", member.Value, inside);
        }

        if (schema.TryGetProperty("items", out var items))
        {
            Add(place + "[]", items, inside);
        }

        if (schema.TryGetProperty("additionalProperties", out var others) && others.ValueKind == JsonValueKind.Object)
        {
            Add(place + ".*", others, inside);
        }
    }

    private static IEnumerable<JsonElement> ItemsOf(JsonElement json, string member) =>
        json.TryGetProperty(member, out var items) ? items.EnumerateArray() : [];

    private static IEnumerable<string> TypesOf(JsonElement schema) => !schema.TryGetProperty("type", out var type) ? []
        : type.ValueKind == JsonValueKind.Array ? type.Strings()
        : [type.GetString()!];

    /// <summary>The types of a place, none of which means any, and the values, none of which means any too.</summary>
    internal sealed record Described
    {
        public HashSet<string> Types { get; } = [];

        public HashSet<string> Values { get; } = [];
    }
}

using System.Text.Json;
using System.Text.Json.Nodes;

namespace Weft.Server.Tests.BadInput;

/// <summary>An operation as the OpenAPI document describes it.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Path">The path below the mount, with its parameters in braces.</param>
/// <param name="Definition">The operation in the document.</param>
/// <param name="Document">The document.</param>
public sealed record ApiOperation(HttpMethod Method, string Path, JsonElement Definition, JsonElement Document)
{
    private static readonly HashSet<string> Methods = new(["get", "post", "put", "patch", "delete"], StringComparer.Ordinal);

    /// <summary>The schema of the body; null if the operation takes none.</summary>
    public JsonElement? Body => Definition.TryGetProperty("requestBody", out var body)
        ? Resolve(body.GetProperty("content").GetProperty("application/json").GetProperty("schema"))
        : null;

    /// <summary>A body that the operation accepts.</summary>
    public JsonNode Example => Body is { } schema && schema.TryGetProperty("examples", out var examples)
        ? JsonNode.Parse(examples[0].GetRawText())!
        : new JsonObject();

    public override string ToString() => $"{Method} {Path}";

    public static List<ApiOperation> All(JsonElement document) =>
    [
        .. from path in document.GetProperty("paths").EnumerateObject()
           from operation in path.Value.EnumerateObject()
           where Methods.Contains(operation.Name)
           select new ApiOperation(new HttpMethod(operation.Name.ToUpperInvariant()), path.Name, operation.Value, document),
    ];

    /// <summary>The names of the parameters in the path.</summary>
    public IEnumerable<string> PathParameters() =>
        Path.Split('/').Where(static segment => segment.StartsWith('{')).Select(static segment => segment.Trim('{', '}'));

    /// <summary>The parameters of the query with their schemas.</summary>
    public IEnumerable<(string Name, JsonElement Schema, bool IsRequired)> Query() =>
        Definition.TryGetProperty("parameters", out var parameters)
            ? from parameter in parameters.EnumerateArray()
              where parameter.Text("in") == "query"
              select (
                  parameter.Text("name"),
                  Resolve(parameter.GetProperty("schema")),
                  parameter.TryGetProperty("required", out var required) && required.GetBoolean())
            : [];

    /// <summary>Whether a field is read at all.</summary>
    public bool Reads(string field) =>
        // Errors of commands are answers of the second protocol, with status 200, as those of JSON-RPC are; counts ignore the page and its
        // order.
        !Path.EndsWith("/commands", StringComparison.Ordinal)
        && !Path.EndsWith("/mcp", StringComparison.Ordinal)
        && !Path.Contains("/a2a/", StringComparison.Ordinal)
        && !(Path.EndsWith("/assistants/count", StringComparison.Ordinal) && field is "limit" or "offset" or "sort_by" or "sort_order");

    /// <summary>Whether an id in the path that nothing has is not an error.</summary>
    public bool AcceptsAnyId(string name) => name switch
    {
        // Errors of JSON-RPC have status 200.
        "assistant_id" => Path.Contains("/a2a/", StringComparison.Ordinal),
        // A subgraph that a graph does not have is none.
        "namespace" => true,
        "thread_id" => MakesThread,
        _ => false,
    };

    /// <summary>The second protocol makes a thread; so does the gateway, whose list of its runs is then empty.</summary>
    private bool MakesThread => Path.EndsWith("/commands", StringComparison.Ordinal)
        || Path.EndsWith("/suggestions", StringComparison.Ordinal)
        || (Path.StartsWith("/api/", StringComparison.Ordinal)
            && ((string[])["/runs", "/runs/stream", "/runs/wait"]).Any(end => Path.EndsWith(end, StringComparison.Ordinal)));

    /// <summary>The members of an object's schema, with those of the objects inside it.</summary>
    public IEnumerable<(string[] Path, JsonElement Schema, bool IsRequired)> Fields(JsonElement schema, int depth = 0)
    {
        if (!schema.TryGetProperty("properties", out var properties) || depth == 2)
        {
            yield break;
        }

        var required = schema.TryGetProperty("required", out var names)
            ? names.EnumerateArray().Select(name => name.GetString()!).ToHashSet(StringComparer.Ordinal)
            : [];
        foreach (var property in properties.EnumerateObject())
        {
            var member = Resolve(property.Value);
            yield return ([property.Name], member, required.Contains(property.Name));
            foreach (var (path, inner, _) in Fields(member, depth + 1))
            {
                yield return ([property.Name, .. path], inner, false);
            }
        }
    }

    /// <summary>Returns the schema that a reference is for.</summary>
    public JsonElement Resolve(JsonElement schema)
    {
        while (schema.TryGetProperty("$ref", out var reference))
        {
            schema = Document.GetProperty("components").GetProperty("schemas").GetProperty(reference.GetString()!.Split('/')[^1]);
        }

        return schema;
    }
}

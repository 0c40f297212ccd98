using System.Text.Json;

namespace Weft.Server.Tests.Openapi;

/// <summary>The OpenAPI document has examples, which its schemas describe.</summary>
public sealed class ExampleTests(SharedServer shared) : ServerTests(shared)
{
    /// <summary>Where the examples are: a new schema of a body or an answer needs one.</summary>
    private const string File = "src/Weft.Server/Hosting/openapi-examples.json";

    [Fact]
    public async Task Every_body_and_answer_has_an_example_that_its_schema_describes()
    {
        var document = (await Root.GetAsync("/openapi.json")).ShouldBeOk().Json;
        var schemas = document.GetProperty("components").GetProperty("schemas");
        var used = ContentsOf(document).SelectMany(References).Distinct().Order().ToList();

        used.ShouldContain("ThreadCreate");
        used.Where(name => !schemas.GetProperty(name).TryGetProperty("examples", out _)).ShouldBeEmpty($"they have no example in {File}");
        used.SelectMany(name => schemas.GetProperty(name).GetProperty("examples").EnumerateArray()
            .SelectMany(example => new AnswerSchemas(document).Mistakes(schemas.GetProperty(name), example, name)))
            .ShouldBeEmpty();
    }

    [Fact]
    public async Task Every_parameter_is_described()
    {
        var document = (await Root.GetAsync("/openapi.json")).ShouldBeOk().Json;
        var parameters = Operations(document).SelectMany(operation => operation.TryGetProperty("parameters", out var given)
            ? given.EnumerateArray().ToList()
            : []);

        parameters.Where(parameter => !parameter.TryGetProperty("description", out _) || !parameter.TryGetProperty("schema", out _))
            .Select(parameter => parameter.Text("name"))
            .Distinct()
            .ShouldBeEmpty();
    }

    private static IEnumerable<JsonElement> Operations(JsonElement document) =>
        document.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject()).Select(operation => operation.Value);

    private static IEnumerable<JsonElement> ContentsOf(JsonElement document)
    {
        foreach (var operation in Operations(document))
        {
            if (operation.TryGetProperty("requestBody", out var body))
            {
                yield return body;
            }

            yield return operation.GetProperty("responses");
        }
    }

    /// <summary>Returns the names of the schemas that a part of the document refers to.</summary>
    private static IEnumerable<string> References(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Object => json.EnumerateObject().SelectMany(member => member.Name == "$ref"
            ? [member.Value.GetString()!.Split('/')[^1]]
            : References(member.Value)),
        JsonValueKind.Array => json.EnumerateArray().SelectMany(References),
        _ => [],
    };
}

using System.Text.Json.Nodes;
using Microsoft.OpenApi;

namespace Weft.Server;

/// <summary>The examples of bodies and answers, by the names of their schemas.</summary>
internal static class OpenapiExamples
{
    private const string Resource = "Weft.Server.openapi-examples.json";

    public static void AddTo(OpenApiDocument document)
    {
        using var stream = typeof(OpenapiExamples).Assembly.GetManifestResourceStream(Resource)!;
        var examples = JsonNode.Parse(stream)!.AsObject();
        foreach (var (name, schema) in document.Components?.Schemas ?? new Dictionary<string, IOpenApiSchema>())
        {
            if (schema is OpenApiSchema described && examples[name] is { } example)
            {
                described.Examples = [example.DeepClone()];
            }
        }
    }
}

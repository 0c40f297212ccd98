using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Weft.Server;

/// <summary>The OpenAPI document of the API, at <c>/openapi.json</c>.</summary>
internal static class Openapi
{
    public const string DocumentName = "v1";

    private const string Problem = "Problem";

    public static void Configure(OpenApiOptions options)
    {
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info.Title = "Weft";
            document.Info.Version = SystemEndpoints.Version;
            document.Info.Description = "The LangGraph-compatible agent server for .NET.";
            document.AddComponent(Problem, ProblemSchema());
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, context, _) =>
        {
            var path = context.Description.RelativePath ?? "";
            Add("422", "The request is not well formed: the detail names the field.");
            if (path.Contains('{', StringComparison.Ordinal) || operation.RequestBody is not null)
            {
                Add("404", "What the request names is not there.");
            }

            if (context.Description.HttpMethod != "GET" && path.Contains("threads", StringComparison.Ordinal))
            {
                Add("409", "The request does not go with what is there: the thread is busy, or exists.");
            }

            return Task.CompletedTask;

            void Add(string status, string description) => (operation.Responses ??= []).TryAdd(status, new OpenApiResponse
            {
                Description = description,
                Content = new Dictionary<string, OpenApiMediaType> { [JsonResponse.ContentType] = new() { Schema = new OpenApiSchemaReference(Problem, context.Document) } },
            });
        });
    }

    /// <summary>A text; below <c>/api/threads</c> a list where a request is not well formed (protocol, section A3).</summary>
    private static OpenApiSchema ProblemSchema() => new()
    {
        Type = JsonSchemaType.Object,
        Required = new HashSet<string> { "detail" },
        Properties = new Dictionary<string, IOpenApiSchema>
        {
            ["detail"] = new OpenApiSchema
            {
                AnyOf =
                [
                    new OpenApiSchema { Type = JsonSchemaType.String },
                    new OpenApiSchema
                    {
                        Type = JsonSchemaType.Array,
                        Items = new OpenApiSchema
                        {
                            Type = JsonSchemaType.Object,
                            Properties = new Dictionary<string, IOpenApiSchema>
                            {
                                ["loc"] = new OpenApiSchema { Type = JsonSchemaType.Array, Items = new OpenApiSchema { Type = JsonSchemaType.String } },
                                ["msg"] = new OpenApiSchema { Type = JsonSchemaType.String },
                                ["type"] = new OpenApiSchema { Type = JsonSchemaType.String },
                            },
                        },
                    },
                ],
            },
        },
    };
}

using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Weft.Server;

/// <summary>The OpenAPI document of the API, at <c>/openapi.json</c>.</summary>
internal static class Openapi
{
    /// <summary>Not the name that applications give theirs.</summary>
    public const string DocumentName = "weft";

    private const string Problem = "Problem";

    public static void Configure(OpenApiOptions options)
    {
        options.ShouldInclude = static description =>
            description.GroupName == DocumentName && description.ActionDescriptor.EndpointMetadata.OfType<WeftEndpoint>().Any();
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info.Title = "Weft";
            document.Info.Version = SystemEndpoints.Version;
            document.Info.Description = "The LangGraph-compatible agent server for .NET.";
            document.AddComponent(Problem, ProblemSchema());
            foreach (var path in document.Paths.Values)
            {
                // HEAD is on every path that has GET, and says nothing more.
                path.Operations?.Remove(HttpMethod.Head);
            }

            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, context, _) =>
        {
            foreach (var status in context.Description.ActionDescriptor.EndpointMetadata.OfType<Refusals>().SelectMany(refusals => refusals.Statuses).Order())
            {
                (operation.Responses ??= [])[status.ToString(CultureInfo.InvariantCulture)] = new OpenApiResponse
                {
                    Description = Describe(status),
                    Content = new Dictionary<string, OpenApiMediaType> { [JsonResponse.ContentType] = new() { Schema = new OpenApiSchemaReference(Problem, context.Document) } },
                };
            }

            return Task.CompletedTask;
        });
    }

    private static string Describe(int status) => status switch
    {
        StatusCodes.Status400BadRequest => "The request makes no sense here.",
        StatusCodes.Status404NotFound => "What the request names is not there.",
        StatusCodes.Status409Conflict => "The request does not go with what is there.",
        _ => "The request is not well formed; the detail names the field.",
    };

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
                                ["loc"] = new OpenApiSchema { Type = JsonSchemaType.Array, Items = new OpenApiSchema { Type = JsonSchemaType.String | JsonSchemaType.Integer } },
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

using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Weft.Server;

/// <summary>The OpenAPI document of the API, at <c>/openapi.json</c>.</summary>
internal static class Openapi
{
    /// <summary>Different from the default name, which an application uses for its own document.</summary>
    public const string DocumentName = "weft";

    private const string Problem = "Problem";
    private const string OpenAiError = "OpenAIError";

    /// <summary>The records that describe resources end with this; the platform's names of their schemas do not.</summary>
    private const string ResourceSuffix = "Resource";

    public static void Configure(OpenApiOptions options)
    {
        options.ShouldInclude = static description =>
            description.GroupName == DocumentName && description.ActionDescriptor.EndpointMetadata.OfType<WeftEndpoint>().Any();
        options.CreateSchemaReferenceId = NameOf;
        options.AddSchemaTransformer((schema, context, _) =>
        {
            Correct(schema, context.JsonPropertyInfo);
            return Task.CompletedTask;
        });
        options.AddDocumentTransformer((document, _, _) =>
        {
            Describe(document);
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, context, _) =>
        {
            Describe(operation, context);
            return Task.CompletedTask;
        });
    }

    private static void Describe(OpenApiDocument document)
    {
        document.Info.Title = "Weft";
        document.Info.Version = SystemEndpoints.Version;
        document.Info.Description = "The LangGraph-compatible agent server for .NET.";
        document.AddComponent(Problem, ProblemSchema());
        document.AddComponent(OpenAiError, OpenAiErrors.Schema());
        foreach (var path in document.Paths.Values)
        {
            // Every path with GET has HEAD too.
            path.Operations?.Remove(HttpMethod.Head);
        }
    }

    private static void Describe(OpenApiOperation operation, OpenApiOperationTransformerContext context)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        var schema = metadata.OfType<OpenAiRoute>().Any() ? OpenAiError : Problem;
        foreach (var status in metadata.OfType<ProblemStatuses>().SelectMany(problems => problems.Statuses).Order())
        {
            var problem = new OpenApiMediaType { Schema = new OpenApiSchemaReference(schema, context.Document) };
            (operation.Responses ??= [])[status.ToString(CultureInfo.InvariantCulture)] = new OpenApiResponse
            {
                Description = Describe(status),
                Content = new Dictionary<string, OpenApiMediaType> { [JsonResponse.ContentType] = problem },
            };
        }

        if (metadata.OfType<AcceptsRequestKey>().Any())
        {
            (operation.Parameters ??= []).Add(AcceptsRequestKey.Parameter);
        }

        if (metadata.OfType<OrNull>().Any())
        {
            var answer = operation.Responses!["200"].Content![JsonResponse.ContentType];
            answer.Schema = new OpenApiSchema { OneOf = [new OpenApiSchema { Type = JsonSchemaType.Null }, answer.Schema!] };
        }
    }

    /// <summary>Returns the name of the schema of a type; null for a schema without a name.</summary>
    private static string? NameOf(JsonTypeInfo type)
    {
        if ((Nullable.GetUnderlyingType(type.Type) ?? type.Type) == typeof(JsonElement))
        {
            return null;
        }

        var name = OpenApiOptions.CreateDefaultSchemaReferenceId(type);
        return name?.EndsWith(ResourceSuffix, StringComparison.Ordinal) is true ? name[..^ResourceSuffix.Length] : name;
    }

    /// <summary>
    /// The generator reads the application's JSON options, which by default accept numbers in strings; the API does not. And it
    /// ignores the values that a text may have.
    /// </summary>
    private static void Correct(OpenApiSchema schema, JsonPropertyInfo? property)
    {
        if (schema.Type is { } type && (type & (JsonSchemaType.Integer | JsonSchemaType.Number)) != 0)
        {
            schema.Type = type & ~JsonSchemaType.String;
            schema.Pattern = null;
        }

        if (property?.AttributeProvider?.GetCustomAttributes(typeof(AllowedValuesAttribute), true) is [AllowedValuesAttribute allowed])
        {
            schema.Enum = [.. allowed.Values.Select(value => (JsonNode)JsonValue.Create((string)value!))];
        }
    }

    private static string Describe(int status) => status switch
    {
        StatusCodes.Status400BadRequest => "The request is not valid for this resource.",
        StatusCodes.Status404NotFound => "The resource does not exist.",
        StatusCodes.Status409Conflict => "The request conflicts with the current state of the resource.",
        _ => "The request is not valid; the detail names the field.",
    };

    /// <summary>
    /// A text. Below <c>/api/threads</c>, the detail of a request that is not valid is a list (docs/protocol/errors.md A3).
    /// </summary>
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
                                ["loc"] = new OpenApiSchema
                                {
                                    Type = JsonSchemaType.Array,
                                    Items = new OpenApiSchema { Type = JsonSchemaType.String | JsonSchemaType.Integer },
                                },
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

using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Weft.Server;

/// <summary>Completes the operations of the OpenAPI document by what their endpoints declare.</summary>
internal static class OpenapiOperations
{
    public const string Problem = "Problem";
    public const string OpenAiError = "OpenAIError";
    public const string JsonRpcError = "JsonRpcError";

    private const string EventsExample = "event: values\ndata: {\"messages\":[]}\nid: 1\n\nevent: end\ndata: null\nid: 2\n\n";

    private static readonly Dictionary<string, string> PathParameters = new()
    {
        ["assistant_id"] = "The id of the assistant, or of its graph.",
        ["checkpoint_id"] = "The id of the checkpoint.",
        ["cron_id"] = "The id of the cron.",
        ["file"] = "The name of the file.",
        ["model"] = "The id of the assistant, or of its graph.",
        ["namespace"] = "The names of the nodes around the graph and its own, joined by |.",
        ["response_id"] = "The id of the response.",
        ["run_id"] = "The id of the run.",
        ["thread_id"] = "The id of the thread.",
        ["feedback_id"] = "The id of the feedback.",
        ["token"] = "The token at the end of a URL of the event feedback.",
    };

    /// <summary>
    /// Returns the id of an operation, which generators of clients make the name of a method of: <c>getThreadsByThreadIdState</c> for
    /// <c>GET /threads/{thread_id}/state</c>.
    /// </summary>
    public static string IdOf(HttpMethod method, string path)
    {
        var id = new StringBuilder(method.Method.ToLowerInvariant());
        foreach (var segment in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            id.Append(segment.StartsWith('{') ? "By" : "");
            var startsWord = true;
            foreach (var character in segment)
            {
                if (char.IsAsciiLetterOrDigit(character))
                {
                    id.Append(startsWord ? char.ToUpperInvariant(character) : character);
                }

                startsWord = !char.IsAsciiLetterOrDigit(character);
            }
        }

        return id.ToString();
    }

    public static void Describe(OpenApiOperation operation, OpenApiOperationTransformerContext context)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        AddProblems(operation, metadata, context.Document!);
        AddParameters(operation, metadata);
        if (metadata.OfType<OrNull>().Any())
        {
            var answer = operation.Responses!["200"].Content![JsonResponse.ContentType];
            answer.Schema = new OpenApiSchema { OneOf = [new OpenApiSchema { Type = JsonSchemaType.Null }, answer.Schema!] };
        }

        if (operation.Responses is { } responses && responses.TryGetValue("200", out var ok)
            && ok.Content is { } content && content.TryGetValue(EventStreams.ContentType, out var events))
        {
            events.Example = JsonValue.Create(EventsExample);
        }
    }

    private static void AddProblems(OpenApiOperation operation, IList<object> metadata, OpenApiDocument document)
    {
        var schema = metadata.OfType<OpenAiRoute>().Any() ? OpenAiError
            : metadata.OfType<JsonRpcRoute>().Any() ? JsonRpcError
            : Problem;
        var statuses = metadata.OfType<ProblemStatuses>().SelectMany(problems => problems.Statuses).ToList();
        if (statuses.Count == 0)
        {
            // Even a call without parameters must name a host of the server.
            statuses.Add(StatusCodes.Status400BadRequest);
        }

        foreach (var status in statuses.Order())
        {
            var problem = new OpenApiMediaType { Schema = new OpenApiSchemaReference(schema, document) };
            (operation.Responses ??= [])[status.ToString(CultureInfo.InvariantCulture)] = new OpenApiResponse
            {
                Description = Describe(status),
                Content = new Dictionary<string, OpenApiMediaType> { [JsonResponse.ContentType] = problem },
            };
        }
    }

    private static void AddParameters(OpenApiOperation operation, IList<object> metadata)
    {
        foreach (var parameter in operation.Parameters?.OfType<OpenApiParameter>() ?? [])
        {
            if (parameter.In == ParameterLocation.Path && PathParameters.TryGetValue(parameter.Name!, out var description))
            {
                parameter.Description = description;
            }
        }

        foreach (var parameter in metadata.OfType<DescribedParameters>().SelectMany(described => described.Parameters))
        {
            (operation.Parameters ??= []).Add(parameter);
        }
    }

    private static string Describe(int status) => status switch
    {
        StatusCodes.Status400BadRequest => "The request is not valid for this resource.",
        StatusCodes.Status404NotFound => "The resource does not exist.",
        StatusCodes.Status409Conflict => "The request conflicts with the current state of the resource.",
        StatusCodes.Status503ServiceUnavailable => "The storage does not answer.",
        _ => "The request is not valid; the detail names the field.",
    };

    /// <summary>
    /// A text. Below <c>/api/threads</c>, the detail of a request that is not valid is a list (docs/protocol/errors.md A3).
    /// </summary>
    public static OpenApiSchema ProblemSchema() => new()
    {
        Type = JsonSchemaType.Object,
        Required = new HashSet<string> { "detail" },
        Properties = new Dictionary<string, IOpenApiSchema>
        {
            ["detail"] = new OpenApiSchema { AnyOf = [Parameters.Text(), Parameters.List(FieldSchema())] },
        },
    };

    private static OpenApiSchema FieldSchema() => new()
    {
        Type = JsonSchemaType.Object,
        Properties = new Dictionary<string, IOpenApiSchema>
        {
            ["loc"] = Parameters.List(new OpenApiSchema { Type = JsonSchemaType.String | JsonSchemaType.Integer }),
            ["msg"] = Parameters.Text(),
            ["type"] = Parameters.Text(),
        },
    };
}

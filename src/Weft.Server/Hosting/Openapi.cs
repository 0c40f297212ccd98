using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Weft.Server;

/// <summary>The OpenAPI document of the API, at <c>/openapi.json</c>.</summary>
internal static class Openapi
{
    /// <summary>Different from the default name, which an application uses for its own document.</summary>
    public const string DocumentName = "weft";

    private const string Description = """
        The LangGraph-compatible agent server for .NET.

        A call that is refused has the status and a `detail` that say why. In addition to those that are listed at each operation, every
        operation may be refused with 401 or 403 (the server requires authentication), 408 or 413 (the body takes too long or is too
        large), 429 (a limit is reached) and 503 (the storage does not answer; `Retry-After` says when to try again).
        """;

    public static void Configure(OpenApiOptions options)
    {
        options.ShouldInclude = static description =>
            description.GroupName == DocumentName && description.ActionDescriptor.EndpointMetadata.OfType<WeftEndpoint>().Any();
        options.CreateSchemaReferenceId = OpenapiSchemas.NameOf;
        options.AddSchemaTransformer(OpenapiSchemas.CorrectAsync);
        options.AddDocumentTransformer(async (document, context, _) =>
        {
            Describe(document);
            await OpenapiSecurity.DescribeAsync(document, context.ApplicationServices);
        });
        options.AddOperationTransformer(async (operation, context, _) =>
        {
            OpenapiOperations.Describe(operation, context);
            await OpenapiSecurity.DescribeAsync(operation, context);
        });
    }

    private static void Describe(OpenApiDocument document)
    {
        document.Info.Title = "Weft";
        document.Info.Version = SystemEndpoints.Version;
        document.Info.Description = Description;
        document.Info.License = new OpenApiLicense { Name = "MIT", Url = new Uri("https://opensource.org/license/mit") };
        document.AddComponent(OpenapiOperations.Problem, OpenapiOperations.ProblemSchema());
        document.AddComponent(OpenapiOperations.OpenAiError, OpenAiErrors.Schema());
        document.AddComponent(OpenapiOperations.JsonRpcError, JsonRpcErrors.Schema());
        OpenapiExamples.AddTo(document);
        foreach (var tag in document.Tags ?? new HashSet<OpenApiTag>())
        {
            tag.Description = OpenapiTags.Find(tag.Name);
        }

        foreach (var (path, item) in document.Paths)
        {
            // Every path with GET has HEAD too.
            item.Operations?.Remove(HttpMethod.Head);
            foreach (var (method, operation) in item.Operations ?? [])
            {
                operation.OperationId = OpenapiOperations.IdOf(method, path);
            }
        }
    }
}

using Microsoft.AspNetCore.OpenApi;

namespace Weft.Server;

/// <summary>The OpenAPI document of the API, at <c>/openapi.json</c>.</summary>
internal static class Openapi
{
    public const string DocumentName = "v1";

    public static void Configure(OpenApiOptions options) =>
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info.Title = "Weft";
            document.Info.Description = "The LangGraph-compatible agent server for .NET.";
            return Task.CompletedTask;
        });
}

using Microsoft.AspNetCore.Builder;
using Microsoft.OpenApi;

namespace Weft.Server;

/// <summary>Describes the header by which a client repeats a request for a run.</summary>
internal sealed class AcceptsRequestKey
{
    public static AcceptsRequestKey Instance { get; } = new();

    public static OpenApiParameter Parameter { get; } = new()
    {
        Name = RequestKeys.Header,
        In = ParameterLocation.Header,
        Description = "A key by which this request can be repeated. Repetitions get the run that the first one created.",
        Schema = new OpenApiSchema { Type = JsonSchemaType.String, MinLength = 1, MaxLength = RequestKeys.LengthMax },
    };
}

/// <summary>Declares the header for the OpenAPI document.</summary>
internal static class AcceptsRequestKeyExtensions
{
    public static RouteHandlerBuilder AcceptsRequestKey(this RouteHandlerBuilder endpoint) =>
        endpoint.WithMetadata(Weft.Server.AcceptsRequestKey.Instance);
}

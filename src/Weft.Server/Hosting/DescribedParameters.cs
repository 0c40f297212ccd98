using Microsoft.AspNetCore.Builder;
using Microsoft.OpenApi;

namespace Weft.Server;

/// <summary>Parameters of the query and headers that an endpoint reads itself, for the OpenAPI document.</summary>
internal sealed record DescribedParameters(OpenApiParameter[] Parameters);

/// <summary>Declares the parameters of an endpoint.</summary>
internal static class DescribedParametersExtensions
{
    /// <summary>Declares parameters of <see cref="Parameters"/>.</summary>
    public static TBuilder Reads<TBuilder>(this TBuilder endpoint, params OpenApiParameter[] parameters)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new DescribedParameters(parameters));

    /// <summary>Declares the header by which a client repeats a request for a run.</summary>
    public static RouteHandlerBuilder AcceptsRequestKey(this RouteHandlerBuilder endpoint) => endpoint.Reads(Parameters.RequestKey);
}

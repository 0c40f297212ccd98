using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Weft.Server;

/// <summary>The error statuses of an endpoint, for the OpenAPI document.</summary>
internal sealed record Refusals(int[] Statuses);

/// <summary>Declares the error statuses of an endpoint or of a group.</summary>
internal static class RefusesExtensions
{
    /// <summary>Adds statuses to those that are declared already, such as those of the group.</summary>
    public static TBuilder Refuses<TBuilder>(this TBuilder endpoints, params int[] statuses)
        where TBuilder : IEndpointConventionBuilder => endpoints.WithMetadata(new Refusals(statuses));
}

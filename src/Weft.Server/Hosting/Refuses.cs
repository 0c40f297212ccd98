using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Weft.Server;

/// <summary>The statuses, besides success, that an endpoint answers with; the OpenAPI document tells of them.</summary>
internal sealed record Refusals(int[] Statuses);

/// <summary>Describes how an endpoint, or a group of them, refuses calls.</summary>
internal static class RefusesExtensions
{
    /// <summary>Adds to the statuses that are known already, such as those of the group.</summary>
    public static TBuilder Refuses<TBuilder>(this TBuilder endpoints, params int[] statuses)
        where TBuilder : IEndpointConventionBuilder => endpoints.WithMetadata(new Refusals(statuses));
}

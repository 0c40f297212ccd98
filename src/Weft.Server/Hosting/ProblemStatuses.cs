using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Weft.Server;

/// <summary>The error statuses of an endpoint, for the OpenAPI document.</summary>
internal sealed record ProblemStatuses(int[] Statuses);

/// <summary>Declares the error statuses of an endpoint or of a group.</summary>
internal static class ProblemStatusesExtensions
{
    /// <summary>Adds statuses to those that are declared already, such as those of the group.</summary>
    public static TBuilder ReturnsProblem<TBuilder>(this TBuilder endpoints, params int[] statuses)
        where TBuilder : IEndpointConventionBuilder => endpoints.WithMetadata(new ProblemStatuses(statuses));
}

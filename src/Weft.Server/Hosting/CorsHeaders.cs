using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Matching;

namespace Weft.Server;

/// <summary>
/// Sets the CORS headers of the API's responses. It runs when routing chooses the endpoint, because a filter of the endpoint does
/// not see the calls that authorization refuses, and without the headers a page can't read their status.
/// </summary>
internal sealed class CorsHeaders(Origins origins) : MatcherPolicy, IEndpointSelectorPolicy
{
    /// <summary>Runs after <see cref="RoutePrecedence"/>.</summary>
    public override int Order => 1_001;

    public bool AppliesToEndpoints(IReadOnlyList<Endpoint> endpoints) => endpoints.Any(IsOurs);

    public Task ApplyAsync(HttpContext httpContext, CandidateSet candidates)
    {
        if (httpContext.Request.Headers.Origin.Count > 0)
        {
            // When the response starts, so that an error response, which clears the headers, has them too.
            httpContext.Response.OnStarting(() =>
            {
                Set(httpContext);
                return Task.CompletedTask;
            });
        }

        return Task.CompletedTask;
    }

    /// <summary>If the application has set a CORS policy for the endpoint, its middleware sets the headers instead.</summary>
    private void Set(HttpContext http)
    {
        if (http.GetEndpoint() is { } endpoint && IsOurs(endpoint) && endpoint.Metadata.GetMetadata<ICorsMetadata>() is null)
        {
            origins.SetHeaders(http);
        }
    }

    private static bool IsOurs(Endpoint endpoint) => endpoint.Metadata.GetMetadata<WeftEndpoint>() is not null;
}

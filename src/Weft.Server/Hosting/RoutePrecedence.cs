using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Matching;
using Microsoft.Extensions.DependencyInjection;

namespace Weft.Server;

/// <summary>
/// Prefers the application's own routes to those of the API if both have the same path, and to the API's answer that it does
/// not have a path.
/// </summary>
internal sealed class RoutePrecedence : MatcherPolicy, IEndpointSelectorPolicy
{
    /// <summary>Runs after the policies of routing itself, which reject by method, host and content type.</summary>
    public override int Order => 1_000;

    public bool AppliesToEndpoints(IReadOnlyList<Endpoint> endpoints) => endpoints.Any(endpoint => KindOf(endpoint) is not null);

    public Task ApplyAsync(HttpContext httpContext, CandidateSet candidates)
    {
        // Candidates are sorted by score, the best first.
        for (var i = 0; i < candidates.Count; i++)
        {
            if (!candidates.IsValidCandidate(i))
            {
                continue;
            }

            if (KindOf(candidates[i].Endpoint) is { } kind && GivesWay(httpContext, candidates, i, kind))
            {
                candidates.SetValidity(i, false);
            }
            else if (i + 1 == candidates.Count || candidates[i + 1].Score != candidates[i].Score)
            {
                return Task.CompletedTask;
            }
        }

        return Task.CompletedTask;
    }

    private static bool GivesWay(HttpContext http, CandidateSet candidates, int index, WeftEndpointKind kind)
    {
        if (kind == WeftEndpointKind.Route)
        {
            return HasOther(candidates, candidates[index].Score);
        }

        var routes = http.RequestServices.GetRequiredService<WeftRoutes>();
        return HasOther(candidates, null)
            || (kind == WeftEndpointKind.Unknown && routes.IsShared(((RouteEndpoint)candidates[index].Endpoint).RoutePattern))
            || (kind == WeftEndpointKind.Preflight && !routes.MethodsAt(http.Request.Path).Any());
    }

    private static bool HasOther(CandidateSet candidates, int? score)
    {
        for (var i = 0; i < candidates.Count; i++)
        {
            if (candidates.IsValidCandidate(i) && (score is null || candidates[i].Score == score) && KindOf(candidates[i].Endpoint) is null)
            {
                return true;
            }
        }

        return false;
    }

    private static WeftEndpointKind? KindOf(Endpoint endpoint) => endpoint.Metadata.GetMetadata<WeftEndpoint>()?.Kind;
}

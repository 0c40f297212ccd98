using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.AspNetCore.Routing.Template;

namespace Weft.Server;

/// <summary>The paths of the API and those of the application, read from their endpoints.</summary>
/// <param name="endpoints">All endpoints of the application.</param>
internal sealed class WeftRoutes(EndpointDataSource endpoints)
{
    private readonly Lazy<(List<Route> Own, List<RoutePattern> Others)> _routes = new(() => Read(endpoints));

    /// <summary>Returns the methods that the API has at a path.</summary>
    public IEnumerable<string> MethodsAt(PathString path) =>
        _routes.Value.Own.Where(route => route.Matcher.TryMatch(path, [])).SelectMany(route => route.Methods).Distinct();

    /// <summary>Whether the application has routes of its own below the same segments as a catch-all route of the API.</summary>
    public bool IsShared(RoutePattern catchAll) => _routes.Value.Others.Exists(other => IsBelow(other, catchAll));

    private static (List<Route> Own, List<RoutePattern> Others) Read(EndpointDataSource source)
    {
        var own = new List<Route>();
        var others = new List<RoutePattern>();
        foreach (var endpoint in source.Endpoints.OfType<RouteEndpoint>())
        {
            if (endpoint.Metadata.GetMetadata<WeftEndpoint>() is not { } mark)
            {
                others.Add(endpoint.RoutePattern);
            }
            else if (mark.Kind == WeftEndpointKind.Route)
            {
                var matcher = new TemplateMatcher(new RouteTemplate(endpoint.RoutePattern), []);
                own.Add(new Route(matcher, endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? []));
            }
        }

        return (own, others);
    }

    private static bool IsBelow(RoutePattern route, RoutePattern catchAll)
    {
        var depth = catchAll.PathSegments.Count - 1;
        return route.PathSegments.Count > depth
            && catchAll.PathSegments.Take(depth).Zip(route.PathSegments).All(pair => TextOf(pair.First) is { } text
                && string.Equals(text, TextOf(pair.Second), StringComparison.OrdinalIgnoreCase));
    }

    private static string? TextOf(RoutePatternPathSegment segment) =>
        segment is { Parts: [RoutePatternLiteralPart literal] } ? literal.Content : null;

    private sealed record Route(TemplateMatcher Matcher, IReadOnlyList<string> Methods);
}

using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;

namespace Weft.Server;

/// <summary>
/// Answers the calls that no endpoint of a mount answers: paths and methods that the API does not have, and the preflights of
/// browsers.
/// </summary>
internal sealed class UnknownRoutes(Mount mount, WeftRoutes routes, WeftServerOptions options)
{
    /// <summary>The first segments of all paths of the API.</summary>
    private static readonly string[] Roots = ["agui", "assistants", "info", "ok", "openapi.json", "runs", "store", "threads", "ui", "weft"];

    public void Map(IEndpointRouteBuilder endpoints)
    {
        foreach (var root in RootsOf(options))
        {
            endpoints.MapMethods($"/{root}/{{**path}}", [HttpMethods.Options], (Delegate)AnswerPreflight)
                .WithMetadata(WeftEndpoint.Preflight).ExcludeFromDescription().Finally(BeforeAuthorization);
            if (mount.Prefix.Length == 0)
            {
                MapUnknown(endpoints, $"/{root}/{{**path}}").Add(endpoint => Widen((RouteEndpointBuilder)endpoint));
            }
        }

        if (mount.Prefix.Length > 0)
        {
            MapUnknown(endpoints, "/{**path}")
                .Add(endpoint => mount.Path.Depth = ((RouteEndpointBuilder)endpoint).RoutePattern.PathSegments.Count - 1);
        }
    }

    private static IEnumerable<string> RootsOf(WeftServerOptions options) =>
        Roots.Concat(options.ServesOpenAi ? ["v1"] : []).Concat(options.ServesMcp ? ["mcp"] : [])
            .Concat(options.ServesA2a ? ["a2a"] : []);

    private RouteHandlerBuilder MapUnknown(IEndpointRouteBuilder endpoints, string pattern)
    {
        var unknown = endpoints.Map(pattern, (Delegate)AnswerUnknownAsync).WithMetadata(WeftEndpoint.Unknown).ExcludeFromDescription();
        unknown.Add(endpoint => ((RouteEndpointBuilder)endpoint).Order = int.MaxValue);
        unknown.Finally(RemoveAuthorization);
        return unknown;
    }

    /// <summary>
    /// At the root of an application, only paths that begin with the API's own names are unknown paths of the API. Below a prefix
    /// all paths are.
    /// </summary>
    private void Widen(RouteEndpointBuilder endpoint)
    {
        var segments = endpoint.RoutePattern.PathSegments;
        mount.Path.Depth = segments.Count - 2;
        if (mount.Path.Depth > 0 && ((RoutePatternLiteralPart)segments[^2].Parts[0]).Content == Roots[0])
        {
            endpoint.RoutePattern = RoutePatternFactory.Pattern([.. segments.Take(mount.Path.Depth), segments[^1]]);
        }
    }

    /// <summary><see cref="CorsHeaders"/> sets the headers.</summary>
    private static void AnswerPreflight(HttpContext http) => http.Response.StatusCode = StatusCodes.Status204NoContent;

    private Task AnswerUnknownAsync(HttpContext http)
    {
        var methods = string.Join(", ", routes.MethodsAt(http.Request.Path));
        http.Response.StatusCode = methods.Length == 0 ? StatusCodes.Status404NotFound : StatusCodes.Status405MethodNotAllowed;
        if (methods.Length > 0)
        {
            http.Response.Headers.Allow = methods;
        }

        return JsonResponse.WriteAsync(http, methods.Length == 0, static (writer, isUnknown) =>
        {
            writer.WriteStartObject();
            writer.WriteString("detail"u8, isUnknown ? "Not Found"u8 : "Method Not Allowed"u8);
            writer.WriteEndObject();
        });
    }

    /// <summary>
    /// A preflight carries no credentials, so it is answered before authentication. If the application has set a CORS policy for
    /// these endpoints, its middleware answers instead.
    /// </summary>
    private static void BeforeAuthorization(EndpointBuilder endpoint)
    {
        if (!endpoint.Metadata.OfType<ICorsMetadata>().Any())
        {
            RemoveAuthorization(endpoint);
            new Conventions(endpoint).ShortCircuit();
        }
    }

    /// <summary>An unknown path needs no protection. Below a shared prefix it may also be an unknown path of the application.</summary>
    private static void RemoveAuthorization(EndpointBuilder endpoint)
    {
        for (var i = endpoint.Metadata.Count - 1; i >= 0; i--)
        {
            if (endpoint.Metadata[i] is IAuthorizeData or AuthorizationPolicy)
            {
                endpoint.Metadata.RemoveAt(i);
            }
        }
    }

    /// <summary>Applies conventions to one endpoint, at once.</summary>
    private sealed class Conventions(EndpointBuilder endpoint) : IEndpointConventionBuilder
    {
        public void Add(Action<EndpointBuilder> convention) => convention(endpoint);
    }
}

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Weft.Server;

/// <summary>Metadata of a route: what its calls do. Each route of the API has it, or is an <see cref="OpenRoute"/>.</summary>
/// <param name="Resource">The resource.</param>
/// <param name="Action">What a call does with it.</param>
internal sealed record RouteAccess(AccessResource Resource, AccessAction Action)
{
    /// <summary>Whether a request of this route only reads, but its query makes it a change: it cancels a run.</summary>
    public bool IsChangeByQuery(HttpContext http) =>
        Action == AccessAction.Read
        && http.Request.QueryString.HasValue
        && (http.Request.Query["action"].ToString().Length > 0 || Requests.IsSet(http, "cancel_on_disconnect"));

    /// <summary>Returns what a request does: one that reads, and cancels a run as well, is a change.</summary>
    public AccessAction ActionOf(HttpContext http) => IsChangeByQuery(http) ? AccessAction.Update : Action;
}

/// <summary>Declares what the calls of a route do.</summary>
internal static class RouteAccessExtensions
{
    /// <summary>Declares that calls of these endpoints do <paramref name="action"/> with <paramref name="resource"/>.</summary>
    public static TBuilder WithAccess<TBuilder>(this TBuilder endpoints, AccessResource resource, AccessAction action)
        where TBuilder : IEndpointConventionBuilder => endpoints.WithMetadata(new RouteAccess(resource, action));
}

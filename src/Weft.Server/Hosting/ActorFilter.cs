using System.Security.Claims;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features.Authentication;
using Weft.Runs;

namespace Weft.Server;

/// <summary>Determines the actor of a call, which <see cref="Requests.ActorOf"/> then returns.</summary>
internal sealed class ActorFilter(WeftServerOptions options) : IEndpointFilter
{
    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        var user = http.Features.Get<IHttpAuthenticationFeature>()?.User;
        if (options.ActorOf is { } actorOf)
        {
            http.Features.Set(actorOf(http) is { Length: > 0 } id ? ActorOf(id, user) : Actor.Anonymous);
        }
        else if (http.Features.Get<Actor>() is null && IdOf(user) is { Length: > 0 } id)
        {
            http.Features.Set(ActorOf(id, user));
        }

        return next(context);
    }

    private static Actor ActorOf(string id, ClaimsPrincipal? user)
    {
        List<string>? permissions = null;
        foreach (var claim in user?.Claims ?? [])
        {
            if (claim.Type == WeftApiKeyDefaults.PermissionsClaim)
            {
                (permissions ??= []).Add(claim.Value);
            }
        }

        return user?.Identity is { IsAuthenticated: true, Name: { Length: > 0 } name } && name != id
            ? new Actor(id) { DisplayName = name, Permissions = permissions ?? [] }
            : permissions is null ? new Actor(id)
            : new Actor(id) { Permissions = permissions };
    }

    /// <summary>If token handlers do not rename claims, <c>sub</c> is the name identifier.</summary>
    private static string? IdOf(ClaimsPrincipal? user) => user?.Identity is { IsAuthenticated: true } identity
        ? user.FindFirstValue(ClaimTypes.NameIdentifier) ?? user.FindFirstValue("sub") ?? identity.Name
        : null;
}

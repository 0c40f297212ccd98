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
            http.Features.Set(ActorOf(actorOf(http), user));
        }
        else if (user?.Identity is { IsAuthenticated: true } && http.Features.Get<Actor>() is null)
        {
            http.Features.Set(ActorOf(IdOf(user), user));
        }

        return next(context);
    }

    /// <summary>Returns an actor with the name and the permissions of a user.</summary>
    public static Actor ActorOf(string? id, ClaimsPrincipal? user)
    {
        var actor = string.IsNullOrEmpty(id) ? Actor.Anonymous : new Actor(id);
        List<string>? permissions = null;
        foreach (var claim in user?.Claims ?? [])
        {
            if (claim.Type == WeftApiKeyDefaults.PermissionsClaim)
            {
                (permissions ??= []).Add(claim.Value);
            }
        }

        var name = user?.Identity is { IsAuthenticated: true, Name: { Length: > 0 } given } && given != id ? given : null;
        return permissions is null && name is null ? actor : actor with { DisplayName = name, Permissions = permissions ?? [] };
    }

    /// <summary>If token handlers do not rename claims, <c>sub</c> is the name identifier.</summary>
    public static string? IdOf(ClaimsPrincipal user) =>
        user.FindFirstValue(ClaimTypes.NameIdentifier) ?? user.FindFirstValue("sub") ?? user.Identity?.Name;
}

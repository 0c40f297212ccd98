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
        if (options.ActorOf is { } actorOf)
        {
            http.Features.Set(actorOf(http) is { Length: > 0 } id ? new Actor(id) : Actor.Anonymous);
        }
        else if (http.Features.Get<Actor>() is null && IdOf(http.Features.Get<IHttpAuthenticationFeature>()?.User) is { Length: > 0 } id)
        {
            http.Features.Set(new Actor(id));
        }

        return next(context);
    }

    /// <summary>If token handlers do not rename claims, <c>sub</c> is the name identifier.</summary>
    private static string? IdOf(ClaimsPrincipal? user) => user?.Identity is { IsAuthenticated: true } identity
        ? user.FindFirstValue(ClaimTypes.NameIdentifier) ?? user.FindFirstValue("sub") ?? identity.Name
        : null;
}

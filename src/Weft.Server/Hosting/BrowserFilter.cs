using Microsoft.AspNetCore.Http;

namespace Weft.Server;

/// <summary>
/// Refuses web pages of other sites. A call must name a host of this server, and a call that changes something must not come from
/// a page of another origin.
/// </summary>
internal sealed class BrowserFilter(HostNames hosts, Origins origins, WeftServerOptions options) : IEndpointFilter
{
    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        if (HttpMethods.IsOptions(http.Request.Method))
        {
            // A preflight has no credentials, so whether its caller is anonymous is not known. The call that follows is checked.
            return next(context);
        }

        if (!hosts.Allow(http))
        {
            return RefuseAsync(http, StatusCodes.Status400BadRequest, HostNames.Refusal(http));
        }

        return !IsSafe(http) && http.Request.Headers.Origin is [{ Length: > 0 } origin, ..]
            ? CheckAsync(origin, context, next)
            : next(context);
    }

    private async ValueTask<object?> CheckAsync(string origin, EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        var policy = await origins.PolicyAsync(http);
        return Origins.IsOwn(http.Request, origin) || policy.AllowAnyOrigin || policy.IsOriginAllowed(origin)
            ? await next(context)
            : await RefuseAsync(http, StatusCodes.Status403Forbidden, Origins.Refusal(origin));
    }

    private async ValueTask<object?> RefuseAsync(HttpContext http, int status, string reason)
    {
        var refused = IsSocket(http) && Sockets.IsRequest(http)
            ? Sockets.RefuseAsync(http, options, status, reason)
            : Problems.WriteAsync(http, status, reason, null, false);
        await refused;
        return Results.Empty;
    }

    /// <summary>A page can read what a WebSocket sends, and send commands through it.</summary>
    private static bool IsSafe(HttpContext http) =>
        (HttpMethods.IsGet(http.Request.Method) && !IsSocket(http)) || HttpMethods.IsHead(http.Request.Method);

    private static bool IsSocket(HttpContext http) => http.GetEndpoint()?.Metadata.GetMetadata<SocketRoute>() is not null;
}

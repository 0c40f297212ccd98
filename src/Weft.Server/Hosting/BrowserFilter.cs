using Microsoft.AspNetCore.Http;

namespace Weft.Server;

/// <summary>
/// Refuses web pages of other sites. A call must name a host of this server, and a call that changes something must not come from
/// a page of another origin.
/// </summary>
internal sealed class BrowserFilter(HostNames hosts, Origins origins, WeftServerOptions options) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        var isPreflight = HttpMethods.IsOptions(http.Request.Method);
        // A preflight has no credentials, so whether its caller is anonymous is not known. The call that follows is checked.
        if (!isPreflight && !hosts.Allow(http))
        {
            await RefuseAsync(http, StatusCodes.Status400BadRequest, HostNames.Refusal(http));
            return Results.Empty;
        }

        if (!isPreflight && !IsSafe(http) && http.Request.Headers.Origin is [{ Length: > 0 } origin, ..])
        {
            var policy = await origins.PolicyAsync(http);
            if (!Origins.IsOwn(http.Request, origin) && !policy.AllowAnyOrigin && !policy.IsOriginAllowed(origin))
            {
                await RefuseAsync(http, StatusCodes.Status403Forbidden, Origins.Refusal(origin));
                return Results.Empty;
            }
        }

        return await next(context);
    }

    private Task RefuseAsync(HttpContext http, int status, string reason) => IsSocket(http) && Sockets.IsRequest(http)
        ? Sockets.RefuseAsync(http, options, status, reason)
        : Problems.WriteAsync(http, status, reason, null, false);

    /// <summary>A page can read what a WebSocket sends, and send commands through it.</summary>
    private static bool IsSafe(HttpContext http) =>
        (HttpMethods.IsGet(http.Request.Method) && !IsSocket(http)) || HttpMethods.IsHead(http.Request.Method);

    private static bool IsSocket(HttpContext http) => http.GetEndpoint()?.Metadata.GetMetadata<SocketRoute>() is not null;
}

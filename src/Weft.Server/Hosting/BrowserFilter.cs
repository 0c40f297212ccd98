using Microsoft.AspNetCore.Http;

namespace Weft.Server;

/// <summary>
/// Refuses web pages of other sites. A call must name a host of this server, and a call that changes something must not come from
/// a page of another origin. Programs send neither <c>Origin</c> nor <c>Sec-Fetch-Site</c>, and are not refused.
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

        return IsSafe(http) ? next(context)
            : http.Request.Headers.Origin is [{ Length: > 0 } origin, ..] ? CheckAsync(origin, context, next)
            : IsOfOtherPage(http) ? CheckWithoutOriginAsync(context, next)
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

    /// <summary>
    /// Checks a request of a page of another origin that does not say which. A page that reads the response would say it.
    /// </summary>
    private async ValueTask<object?> CheckWithoutOriginAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next) =>
        (await origins.PolicyAsync(context.HttpContext)).AllowAnyOrigin
            ? await next(context)
            : await RefuseAsync(context.HttpContext, StatusCodes.Status403Forbidden, Origins.RefusalWithoutOrigin);

    private async ValueTask<object?> RefuseAsync(HttpContext http, int status, string reason)
    {
        var refused = IsSocket(http) && Sockets.IsRequest(http)
            ? Sockets.RefuseAsync(http, options, status, reason)
            : Problems.WriteAsync(http, status, reason, null, false);
        await refused;
        return Results.Empty;
    }

    /// <summary>
    /// Whether the request changes nothing. A page can read what a WebSocket sends, and send commands through it. Some reads cancel a run
    /// if their query says so.
    /// </summary>
    private static bool IsSafe(HttpContext http) =>
        (HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method))
        && !IsSocket(http)
        && http.GetEndpoint()?.Metadata.GetMetadata<RouteAccess>()?.IsChangeByQuery(http) is not true;

    /// <summary>
    /// Whether a page of another origin sent the request. Browsers send no <c>Origin</c> with the GET of an image, a frame or a link.
    /// </summary>
    private static bool IsOfOtherPage(HttpContext http) =>
        http.Request.Headers["Sec-Fetch-Site"].ToString() is "cross-site" or "same-site";

    private static bool IsSocket(HttpContext http) => http.GetEndpoint()?.Metadata.GetMetadata<SocketRoute>() is not null;
}

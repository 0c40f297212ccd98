using Microsoft.AspNetCore.Http;

namespace Weft.Server;

/// <summary>
/// Refuses web pages of other sites. A call must name a host of this server, and a call that changes something must not come from
/// a page of another origin.
/// </summary>
internal sealed class BrowserFilter(HostNames hosts, Origins origins) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        var isPreflight = HttpMethods.IsOptions(http.Request.Method);
        // A preflight has no credentials, so whether its caller is anonymous is not known. The call that follows is checked.
        if (!isPreflight && !hosts.Allow(http))
        {
            await Problems.WriteAsync(http, StatusCodes.Status400BadRequest, HostNames.Refusal(http), null, false);
            return Results.Empty;
        }

        if (!isPreflight && !IsSafe(http.Request.Method) && http.Request.Headers.Origin is [{ Length: > 0 } origin, ..])
        {
            var policy = await origins.PolicyAsync(http);
            if (!Origins.IsOwn(http.Request, origin) && !policy.AllowAnyOrigin && !policy.IsOriginAllowed(origin))
            {
                await Problems.WriteAsync(http, StatusCodes.Status403Forbidden, Origins.Refusal(origin), null, false);
                return Results.Empty;
            }
        }

        return await next(context);
    }

    private static bool IsSafe(string method) => HttpMethods.IsGet(method) || HttpMethods.IsHead(method);
}

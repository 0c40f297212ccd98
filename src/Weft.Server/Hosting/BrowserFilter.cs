using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.Http;

namespace Weft.Server;

/// <summary>
/// Keeps pages of other sites away: a call must name a host that is this server's, a call that changes something must not
/// come from a foreign page, and CORS headers say which pages may read the answer.
/// </summary>
internal sealed class BrowserFilter(HostNames hosts, Origins origins) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        var isPreflight = HttpMethods.IsOptions(http.Request.Method);
        // A preflight comes without credentials: whether its host matters is not known yet. The call that follows is checked.
        if (!isPreflight && !hosts.Allow(http))
        {
            await Problems.WriteAsync(http, StatusCodes.Status400BadRequest, HostNames.Refusal(http), null, false);
            return Results.Empty;
        }

        if (http.Request.Headers.Origin is [{ Length: > 0 } origin, ..])
        {
            var policy = await origins.PolicyAsync(http);
            if (!isPreflight && !IsSafe(http.Request.Method) && !Origins.IsOwn(http.Request, origin) && !policy.AllowAnyOrigin && !policy.IsOriginAllowed(origin))
            {
                await Problems.WriteAsync(http, StatusCodes.Status403Forbidden, $"The origin '{origin}' may not call this server. WeftServerOptions.CorsOrigins names those that may.", null, false);
                return Results.Empty;
            }

            if (http.GetEndpoint()?.Metadata.GetMetadata<ICorsMetadata>() is null)
            {
                // As the response starts, so that an error, which clears the headers, has them too.
                http.Response.OnStarting(() =>
                {
                    origins.SetHeaders(http, policy);
                    return Task.CompletedTask;
                });
            }
        }

        return await next(context);
    }

    private static bool IsSafe(string method) => HttpMethods.IsGet(method) || HttpMethods.IsHead(method);
}

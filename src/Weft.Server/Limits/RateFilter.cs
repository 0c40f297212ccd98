using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Weft.Server;

/// <summary>Refuses the requests of callers that send too many. Health checks and the like are not counted.</summary>
internal sealed class RateFilter(RequestRate rate, WeftServerOptions options) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        var metadata = http.GetEndpoint()!.Metadata;
        var isCheck = metadata.GetMetadata<OpenRoute>() is not null && !HttpMethods.IsPost(http.Request.Method);
        if (isCheck || rate.TryCount(http, out var refused))
        {
            return await next(context);
        }

        if (metadata.GetMetadata<SocketRoute>() is not null && Sockets.IsRequest(http))
        {
            await Sockets.RefuseAsync(http, options, StatusCodes.Status429TooManyRequests, rate.Refusal());
        }
        else
        {
            var seconds = Math.Max(1, (long)Math.Ceiling(refused.Value.TotalSeconds));
            http.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
            await Problems.WriteAsync(http, StatusCodes.Status429TooManyRequests, rate.Refusal(), null, false);
        }

        return Results.Empty;
    }
}

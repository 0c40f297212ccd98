using Microsoft.AspNetCore.Http;
using Weft.Runs;

namespace Weft.Server;

/// <summary>
/// Counts each event stream and each WebSocket until it is closed, and refuses one that is too many before anything starts. Routes
/// that stream only on request count their streams themselves.
/// </summary>
internal sealed class StreamFilter(OpenStreams streams, WeftServerOptions options) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        var metadata = http.GetEndpoint()!.Metadata;
        var isSocket = metadata.GetMetadata<SocketRoute>() is not null && Sockets.IsRequest(http);
        if (!isSocket && metadata.GetMetadata<StreamRoute>() is null)
        {
            return await next(context);
        }

        IDisposable? stream;
        try
        {
            stream = streams.Open(http);
        }
        catch (WeftException e) when (isSocket)
        {
            await Sockets.RefuseAsync(http, options, StatusCodes.Status429TooManyRequests, e.Message);
            return Results.Empty;
        }

        using (stream)
        {
            return await next(context);
        }
    }
}

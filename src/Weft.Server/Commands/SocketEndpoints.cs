using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Weft.Runs;
using static Weft.Server.AccessAction;
using static Weft.Server.AccessResource;

namespace Weft.Server;

/// <summary>Commands and events of a thread through a WebSocket (docs/protocol/v2.md 9).</summary>
internal sealed class SocketEndpoints(
    Mount mount,
    ThreadCommands commands,
    RunsFacade runs,
    RequestRate rate,
    WeftServerOptions options,
    ServerMetrics metrics,
    IHostApplicationLifetime lifetime,
    TimeProvider time)
{
    // HTTP/2 opens sockets with CONNECT.
    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Connect];

    public void Map(IEndpointRouteBuilder endpoints) =>
        endpoints.MapMethods("/threads/{thread_id}/stream/events", Methods, (Delegate)ServeAsync).WithAccess(Threads, Read)
            .WithMetadata(SocketRoute.Instance).ExcludeFromDescription();

    private async Task ServeAsync(HttpContext http, string thread_id)
    {
        if (!Sockets.IsRequest(http))
        {
            http.Response.Headers.Upgrade = "websocket";
            await Problems.WriteAsync(
                http, StatusCodes.Status426UpgradeRequired, "Open a WebSocket, or send a filter with POST.", null, false);
            return;
        }

        ThreadId threadId;
        try
        {
            threadId = Requests.ReadThreadId(mount, thread_id);
        }
        catch (WeftException e)
        {
            await Sockets.RefuseAsync(http, options, StatusCodes.Status422UnprocessableEntity, e.Message);
            return;
        }

        using var socket = await Sockets.AcceptAsync(http, options);
        var call = new CommandCall(Requests.ActorOf(http), threadId, http, http.RequestAborted);
        var logger = http.RequestServices.GetRequiredService<ILogger<ThreadSocket>>();
        using var served = new ThreadSocket(socket, call, commands, runs, rate, options, metrics, time, logger);
        await served.ServeAsync(lifetime.ApplicationStopping);
    }
}

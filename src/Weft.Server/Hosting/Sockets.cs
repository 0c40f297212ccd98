using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebSockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Weft.Server;

/// <summary>Opens WebSockets, also in applications that do not call <c>UseWebSockets</c>.</summary>
internal static class Sockets
{
    // Codes from 4000 on are the application's. These are statuses of HTTP with 4000 added (docs/protocol/v2.md 9).
    private const int StatusBase = 4000;
    private const int ReasonBytesMax = 123;

    /// <summary>Whether the request asks for a WebSocket.</summary>
    public static bool IsRequest(HttpContext http)
    {
        if (!http.WebSockets.IsWebSocketRequest)
        {
            // The middleware makes the feature of requests that ask for a WebSocket. Nothing follows it here.
            var services = http.RequestServices;
            var middleware = new WebSocketMiddleware(
                static _ => Task.CompletedTask,
                Options.Create(new WebSocketOptions()),
                services.GetRequiredService<ILoggerFactory>());
            _ = middleware.Invoke(http);
        }

        return http.WebSockets.IsWebSocketRequest;
    }

    /// <summary>Accepts the request. Pings keep the connection open in proxies, and find clients that are gone.</summary>
    public static Task<WebSocket> AcceptAsync(HttpContext http, WeftServerOptions options) =>
        http.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext
        {
            KeepAliveInterval = options.HeartbeatInterval,
            KeepAliveTimeout = options.SocketTimeout,
        });

    /// <summary>
    /// Refuses the request: accepts it and closes it with the status in the code, because browsers do not show pages the status of
    /// a refused request.
    /// </summary>
    public static async Task RefuseAsync(HttpContext http, WeftServerOptions options, int status, string reason)
    {
        using var socket = await AcceptAsync(http, options);
        await CloseAsync(socket, (WebSocketCloseStatus)(StatusBase + status), reason, options);
    }

    /// <summary>Closes a socket with the code of a status of HTTP.</summary>
    public static Task CloseAsync(WebSocket socket, int status, string reason, WeftServerOptions options) =>
        CloseAsync(socket, (WebSocketCloseStatus)(StatusBase + status), reason, options);

    /// <summary>Sends that the socket is closed. A client that does not read is not waited for.</summary>
    public static async Task CloseAsync(WebSocket socket, WebSocketCloseStatus status, string reason, WeftServerOptions options)
    {
        if (socket.State is not (WebSocketState.Open or WebSocketState.CloseReceived))
        {
            return;
        }

        using var timeout = new CancellationTokenSource(options.HeartbeatInterval);
        try
        {
            await socket.CloseOutputAsync(status, Cut(reason), timeout.Token);
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or InvalidOperationException)
        {
            socket.Abort();
        }
    }

    /// <summary>A reason has a limit in bytes. Most are ASCII.</summary>
    private static string Cut(string reason)
    {
        while (System.Text.Encoding.UTF8.GetByteCount(reason) > ReasonBytesMax)
        {
            reason = reason[..^1];
        }

        return reason;
    }
}

using System.Net;
using System.Net.Sockets;

namespace Weft.Server;

/// <summary>
/// Opens the connections over which webhooks are called. The address that is connected to is checked, so it does not matter what a
/// name resolved to before.
/// </summary>
internal sealed class WebhookConnections(WebhookAddresses addresses, WebhookNames names)
{
    /// <summary>The client of receivers elsewhere.</summary>
    public const string ClientName = "Weft.Webhooks";

    /// <summary>The client of paths of this server, which is usually on loopback. It has other connections.</summary>
    public const string OwnClientName = "Weft.Webhooks.Own";

    private const int DrainBytesMax = 16_384;
    private const int HeaderKilobytesMax = 16;
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(2);

    public SocketsHttpHandler MakeHandler()
    {
        var handler = MakeOwnHandler();
        handler.ConnectCallback = ConnectAsync;
        return handler;
    }

    /// <summary>Redirects are not followed, and a proxy would resolve names itself.</summary>
    public static SocketsHttpHandler MakeOwnHandler() => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        PooledConnectionLifetime = Lifetime,
        MaxResponseHeadersLength = HeaderKilobytesMax,
        MaxResponseDrainSize = DrainBytesMax,
    };

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var (host, port) = (context.DnsEndPoint.Host.TrimEnd('.').ToLowerInvariant(), context.DnsEndPoint.Port);
        var found = IPAddress.TryParse(host, out var literal) ? [literal] : await names.ResolveAsync(host, cancellationToken);
        var allowed = Array.FindAll(found, address => addresses.Allows(host, address));
        if (found.Length > 0 && allowed.Length == 0)
        {
            throw new WebhookRefusedException(host);
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

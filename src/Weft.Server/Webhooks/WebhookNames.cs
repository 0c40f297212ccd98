using System.Net;

namespace Weft.Server;

/// <summary>Resolves the host names of webhooks.</summary>
internal class WebhookNames
{
    public virtual Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken) =>
        Dns.GetHostAddressesAsync(host, cancellationToken);
}

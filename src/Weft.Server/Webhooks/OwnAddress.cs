using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;

namespace Weft.Server;

/// <summary>The address at which this server can call itself.</summary>
internal static class OwnAddress
{
    /// <summary>Returns an absolute URL for one that may be a path of this server.</summary>
    /// <exception cref="InvalidOperationException">It is a path, and the server does not listen on an address.</exception>
    public static Uri Resolve(IServer server, string url)
    {
        if (!url.StartsWith('/'))
        {
            return new Uri(url);
        }

        var addresses = server.Features.Get<IServerAddressesFeature>()?.Addresses.Select(BindingAddress.Parse).ToList();
        var address = addresses?.Find(address => address.Scheme == Uri.UriSchemeHttp) ?? addresses?.FirstOrDefault()
            ?? throw new InvalidOperationException("The server listens on no address of its own.");
        var host = address.Host is "*" or "+" or "0.0.0.0" or "[::]" ? "localhost" : address.Host;
        return new Uri($"{address.Scheme}://{host}:{address.Port}{address.PathBase}{url}");
    }
}

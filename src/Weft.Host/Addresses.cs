using System.Net;

namespace Weft.Host;

/// <summary>The addresses to listen at.</summary>
internal static class Addresses
{
    private const string Default = "http://localhost:8123";

    /// <summary>The settings that contain addresses.</summary>
    private static readonly string[] Keys = [WebHostDefaults.ServerUrlsKey, WebHostDefaults.HttpPortsKey, WebHostDefaults.HttpsPortsKey];

    /// <summary>Listens at the default address if no other is set.</summary>
    /// <exception cref="FormatException">An address is not valid.</exception>
    public static void Use(WebApplicationBuilder builder)
    {
        var configuration = builder.Configuration;
        if (Keys.All(key => string.IsNullOrEmpty(configuration[key])) && !configuration.GetSection("Kestrel:Endpoints").Exists())
        {
            builder.WebHost.UseUrls(Default);
        }

        var urls = configuration[WebHostDefaults.ServerUrlsKey] ?? "";
        foreach (var url in urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var address = BindingAddress.Parse(url);
            if (address.Port is < 0 or > IPEndPoint.MaxPort)
            {
                throw new FormatException($"the port must be a number from 0 to {IPEndPoint.MaxPort} (was {address.Port})");
            }
        }
    }

    /// <summary>Whether only programs of this machine can connect to the address.</summary>
    public static bool IsLoopback(string url)
    {
        var address = BindingAddress.Parse(url);
        return address.IsUnixPipe || address.IsNamedPipe || address.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(address.Host, out var ip) && IPAddress.IsLoopback(ip));
    }
}

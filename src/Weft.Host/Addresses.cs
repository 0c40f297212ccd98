using System.Net;

namespace Weft.Host;

/// <summary>The addresses to listen at.</summary>
internal static class Addresses
{
    private const string Default = "http://localhost:8123";
    private const string Endpoints = "Kestrel:Endpoints";

    /// <summary>The settings that contain addresses.</summary>
    private static readonly string[] Keys = [WebHostDefaults.ServerUrlsKey, WebHostDefaults.HttpPortsKey, WebHostDefaults.HttpsPortsKey];

    /// <summary>Listens at the default address if no other is set.</summary>
    /// <exception cref="FormatException">An address is not valid.</exception>
    public static void Use(WebApplicationBuilder builder)
    {
        var configuration = builder.Configuration;
        if (Keys.All(key => string.IsNullOrEmpty(configuration[key])) && !configuration.GetSection(Endpoints).Exists())
        {
            builder.WebHost.UseUrls(Default);
        }

        foreach (var url in Split(configuration[WebHostDefaults.ServerUrlsKey]))
        {
            var address = BindingAddress.Parse(url);
            if (address.Port is < 0 or > IPEndPoint.MaxPort)
            {
                throw new FormatException($"the port must be a number from 0 to {IPEndPoint.MaxPort} (was {address.Port})");
            }
        }
    }

    /// <summary>
    /// Returns all addresses in the settings, as URLs: those to listen at, and those that others override. The host of a port alone
    /// is <c>*</c>, which is where the server listens then.
    /// </summary>
    public static IEnumerable<string> All(IConfiguration configuration)
    {
        var urls = Split(configuration[WebHostDefaults.ServerUrlsKey]);
        string[] ports =
        [
            .. Split(configuration[WebHostDefaults.HttpPortsKey]).Select(port => $"http://*:{port}"),
            .. Split(configuration[WebHostDefaults.HttpsPortsKey]).Select(port => $"https://*:{port}"),
        ];
        var endpoints = configuration.GetSection(Endpoints).GetChildren().Select(endpoint => endpoint["Url"]).OfType<string>();
        return (urls.Length > 0 ? urls : ports).Concat(endpoints);
    }

    /// <summary>
    /// Whether only programs of this machine can connect to the address. The server listens at all interfaces if the host is neither
    /// an IP address nor <c>localhost</c>.
    /// </summary>
    public static bool IsLoopback(string url)
    {
        var address = BindingAddress.Parse(url);
        return address.IsUnixPipe || address.IsNamedPipe || address.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(address.Host, out var ip) && IPAddress.IsLoopback(ip));
    }

    private static string[] Split(string? values) =>
        (values ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}

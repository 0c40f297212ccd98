using System.Net;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.HostFiltering;
using Microsoft.AspNetCore.Http;
using Weft.Runs;

namespace Weft.Server;

/// <summary>
/// The host names that anonymous callers may use. With DNS rebinding, an attacker points the name of a web page at this machine.
/// For the browser the page then has the same origin, so only the name shows the attack. An IP address can't be rebound.
/// </summary>
internal sealed class HostNames
{
    private const string Any = "*";

    private readonly IList<string> _names;
    private readonly bool _allowsAll;
    private readonly bool _requiresKeys;

    /// <param name="options">List host names in addition to this machine's.</param>
    /// <param name="filtering">The application's own host filter. If it lists hosts, it has already refused all others.</param>
    /// <param name="requiresKeys">Whether each call needs an API key.</param>
    public HostNames(WeftServerOptions options, HostFilteringOptions filtering, bool requiresKeys)
    {
        _requiresKeys = requiresKeys;
        _names = options.AllowedHosts;
        _allowsAll = _names.Contains(Any) || (filtering.AllowedHosts.Count > 0 && !filtering.AllowedHosts.Contains(Any));
    }

    public bool Allow(HttpContext http)
    {
        var host = http.Request.Host.Host ?? "";
        return _allowsAll || host.Length == 0 || IsThisMachine(host) || IsNamed(host) || !IsAnonymous(http);
    }

    public static string Refusal(HttpContext http) =>
        $"The host '{http.Request.Host.Host}' is not one of this server. WeftServerOptions.AllowedHosts names the hosts that are.";

    private static bool IsThisMachine(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
        || IPAddress.TryParse(host, out _);

    private bool IsNamed(string host)
    {
        foreach (var name in _names)
        {
            if (name.StartsWith("*.", StringComparison.Ordinal)
                ? host.EndsWith(name[1..], StringComparison.OrdinalIgnoreCase)
                : host.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// A rebound page has no credentials, so it can't call an endpoint that requires them. What the open routes of such an API return
    /// is not worth protecting, and probes call them by any name.
    /// </summary>
    private bool IsAnonymous(HttpContext http) =>
        http.User.Identity is not { IsAuthenticated: true }
        && Requests.ActorOf(http) == Actor.Anonymous
        && (http.GetEndpoint()?.Metadata is not { } metadata
            || (!_requiresKeys && metadata.GetMetadata<IAuthorizeData>() is null)
            || metadata.GetMetadata<IAllowAnonymous>() is not (null or OpenRoute));
}

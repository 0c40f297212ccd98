using System.Net;
using Weft.Runs;

namespace Weft.Server;

/// <summary>
/// Which addresses may be called as webhooks. Clients choose them, so they must not reach what only this machine and its network can
/// reach, nor the API without credentials.
/// </summary>
/// <param name="options">The exceptions.</param>
/// <param name="allowsLoopback">Whether loopback addresses are allowed too.</param>
/// <param name="isOfApi">Whether a path is one of the API.</param>
internal sealed class WebhookAddresses(WebhookOptions options, bool allowsLoopback, Func<string, bool> isOfApi)
{
    /// <summary>The receiver of webhooks that are paths of this server.</summary>
    public const string Own = "/";

    private const int LengthMax = 65_536;
    private const string AllowedHosts = "WeftServerOptions.Webhooks.AllowedHosts";
    private const string InDevelopment = " In the environment Development, loopback addresses may be called.";
    private const string Any = "*";

    /// <summary>The ends of names that are never public (RFC 6761, RFC 6762, RFC 8375 and the like).</summary>
    private static readonly string[] LocalNames = [".localhost", ".local", ".internal", ".home.arpa", ".localdomain", ".lan"];

    private readonly IPNetwork[] _networks = [.. options.AllowedHosts.Select(NetworkOf).OfType<IPNetwork>()];
    private readonly bool _allowsAll = options.AllowedHosts.Contains(Any);

    public static bool IsOwn(string webhook) => webhook.StartsWith('/');

    public static string ReceiverOf(string webhook) => IsOwn(webhook) ? Own : HostOf(new Uri(webhook));

    /// <summary>Whether an entry of <see cref="WebhookOptions.AllowedHosts"/> is a name, an address or a network.</summary>
    public static bool IsHostEntry(string entry) =>
        entry == Any || NetworkOf(entry) is not null
        || Uri.CheckHostName(entry.StartsWith("*.", StringComparison.Ordinal) ? entry[2..] : entry) == UriHostNameType.Dns;

    /// <summary>Whether an entry of <see cref="WebhookOptions.Paths"/> is a path, or a path with all below it.</summary>
    public static bool IsPathEntry(string entry)
    {
        var path = entry.EndsWith("/*", StringComparison.Ordinal) ? entry[..^2] : entry;
        return path.Length > 1 && IsPlainPath(path);
    }

    /// <exception cref="WeftException">The webhook of a request may not be called.</exception>
    public string? Check(string? webhook) =>
        webhook is null || FindProblem(webhook) is not { } problem ? webhook : throw Requests.Invalid("webhook", problem);

    /// <summary>
    /// Returns why a webhook may not be called; null if it may. Names are resolved when it is called, because they may have other
    /// addresses by then.
    /// </summary>
    public string? FindProblem(string webhook)
    {
        if (webhook.Length > LengthMax)
        {
            return $"It must have at most {LengthMax} characters.";
        }

        if (IsOwn(webhook) && !webhook.StartsWith("//", StringComparison.Ordinal))
        {
            return FindProblemOfPath(webhook);
        }

        if (IsOwn(webhook) || !Uri.TryCreate(webhook, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
        {
            return "It must be a URL of http or https, or a path of this server that begins with '/'.";
        }

        if (url.UserInfo.Length > 0)
        {
            return "It must not have a user name or a password.";
        }

        var host = HostOf(url);
        var isAllowed = IPAddress.TryParse(host, out var address) ? Allows(host, address) : AllowsName(host);
        return isAllowed
            ? null
            : $"The host '{host}' is not public. List it in {AllowedHosts} to call it anyway.{(allowsLoopback ? "" : InDevelopment)}";
    }

    /// <summary>Whether a connection to this address of a host may be opened.</summary>
    public bool Allows(string host, IPAddress address)
    {
        var plain = PublicAddresses.Plain(address);
        return PublicAddresses.Contains(plain)
            || (allowsLoopback && IPAddress.IsLoopback(plain))
            || Array.Exists(_networks, network => network.Contains(plain))
            || IsListed(host);
    }

    private bool AllowsName(string host) =>
        !IsLocal(host) || IsListed(host) || (allowsLoopback && IsLocalhost(host));

    private static bool IsLocal(string host) =>
        !host.Contains('.') || Array.Exists(LocalNames, end => host.EndsWith(end, StringComparison.Ordinal));

    private static bool IsLocalhost(string host) => host == "localhost" || host.EndsWith(".localhost", StringComparison.Ordinal);

    private bool IsListed(string host) => _allowsAll || options.AllowedHosts.Any(entry =>
        entry.StartsWith("*.", StringComparison.Ordinal)
            ? host.EndsWith(entry[1..], StringComparison.OrdinalIgnoreCase)
            : host.Equals(entry, StringComparison.OrdinalIgnoreCase));

    private string? FindProblemOfPath(string webhook)
    {
        var path = webhook.Split('?', 2)[0];
        if (!Uri.IsWellFormedUriString(webhook, UriKind.Relative) || webhook.Contains('#') || !IsPlainPath(path))
        {
            return "A path of this server must consist of letters, digits, '-', '_', '.', '~' and '/', without '.' and '..' as segments.";
        }

        return !options.Paths.Any(entry => Matches(entry, path))
            ? $"The path '{path}' may not be called. WeftServerOptions.Webhooks.Paths lists the paths of this server that may be."
            : isOfApi(path) ? $"The path '{path}' belongs to the API."
            : null;
    }

    private static bool Matches(string entry, string path) => entry.EndsWith("/*", StringComparison.Ordinal)
        ? path.StartsWith(entry[..^1], StringComparison.Ordinal)
        : path == entry;

    /// <summary>Whether a path means the same to every reader: it has no escapes and no dot segments.</summary>
    private static bool IsPlainPath(string path) =>
        path.StartsWith('/')
        && path[1..].Split('/').All(segment => segment is not ("" or "." or "..") && segment.All(IsPlain));

    private static bool IsPlain(char letter) => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.' or '~';

    /// <summary>Returns the host in the form in which it is compared: lower case, without brackets, zone and the dot of the root.</summary>
    private static string HostOf(Uri url) => url.IdnHost.TrimEnd('.').ToLowerInvariant();

    private static IPNetwork? NetworkOf(string entry) =>
        IPAddress.TryParse(entry, out var address) ? new IPNetwork(address, address.GetAddressBytes().Length * 8)
        : entry.Contains('/') && IPNetwork.TryParse(entry, out var network) ? network
        : null;
}

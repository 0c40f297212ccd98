using System.Collections.Concurrent;
using System.IO.Enumeration;

namespace Weft.Server;

/// <summary>
/// Which headers of a request the nodes of its run see as members of <c>configurable</c>. Names may contain <c>*</c> for any
/// characters; case does not matter. A name without <c>*</c> takes precedence over one with it, and otherwise exclusion over
/// inclusion. So the whole name of a header includes it even if it is excluded by default. Each header name is looked up in the
/// lists once, so change them before the server starts.
/// </summary>
public sealed class ConfigurableHeaders
{
    // Clients send the same few names each time, and comparing one with all patterns takes microseconds. The limit is for clients
    // that invent names.
    private const int KnownMax = 256;

    private readonly ConcurrentDictionary<string, HeaderUse> _known = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The headers that are included. Default: <c>x-*</c> and <c>user-agent</c>.</summary>
    public IList<string> Include { get; } = ["x-*", "user-agent"];

    /// <summary>The headers that are excluded. Default: those with credentials or identities, and those that proxies set.</summary>
    public IList<string> Exclude { get; } =
    [
        // Credentials.
        "authorization", "*cookie*", "*-key", "x-auth*", "*token*", "*secret*", "*password*", "*credential*", "*session*",
        "*csrf*", "*xsrf*", "*jwt*", "*signature*", "*assertion*", "*-cert*",
        // Identities.
        "x-user*", "x-remote-*", "x-email*", "x-principal*", "x-identity*", "x-tenant*", "x-role*", "x-group*", "x-permission*",
        "x-webauth-*",
        // Set by proxies.
        "x-forwarded*", "x-original-*", "x-real-ip", "x-client-ip", "x-cluster-*", "x-proxy*", "x-ssl-*", "x-scheme", "x-accel-*",
        "x-amz*", "x-goog-*", "x-ms-*", "x-azure-*", "x-arr-*", "x-appgw-*", "x-appengine-*", "x-envoy-*", "x-cf-*", "x-vercel-*",
    ];

    internal HeaderUse UseOf(string name)
    {
        if (_known.TryGetValue(name, out var use))
        {
            return use;
        }

        use = Includes(name) ? HeaderUse.Included
            : name.StartsWith("x-", StringComparison.OrdinalIgnoreCase) || Find(Include, name) != Match.None ? HeaderUse.Excluded
            : HeaderUse.None;
        if (_known.Count < KnownMax)
        {
            _known.TryAdd(name, use);
        }

        return use;
    }

    private bool Includes(string name) => Find(Include, name) switch
    {
        Match.None => false,
        Match.Whole => Find(Exclude, name) != Match.Whole,
        _ => Find(Exclude, name) == Match.None,
    };

    private static Match Find(IList<string> names, string name)
    {
        var found = Match.None;
        foreach (var pattern in names)
        {
            if (pattern.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return Match.Whole;
            }

            if (found == Match.None && pattern.Contains('*') && FileSystemName.MatchesSimpleExpression(pattern, name))
            {
                found = Match.Pattern;
            }
        }

        return found;
    }

    private enum Match
    {
        None,
        Pattern,
        Whole,
    }
}

using System.Collections.Concurrent;
using System.IO.Enumeration;

namespace Weft.Server;

/// <summary>
/// Which headers of a request the nodes of its run see as members of <c>configurable</c>. Names may have <c>*</c> for any
/// characters; case does not matter. A name without <c>*</c> counts before one with it, and exclusion before inclusion: so a
/// header that is excluded by default is let in by its whole name. The lists are read when a header is met for the first time.
/// </summary>
public sealed class ConfigurableHeaders
{
    // Clients send the same few names each time, and to compare one with all patterns takes microseconds. Others can invent names.
    private const int KnownMax = 256;

    private readonly ConcurrentDictionary<string, bool> _known = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The headers that are included. Default: <c>x-*</c> and <c>user-agent</c>.</summary>
    public IList<string> Include { get; } = ["x-*", "user-agent"];

    /// <summary>The headers that are left out. Default: those that carry credentials, say who calls, or are a proxy's word.</summary>
    public IList<string> Exclude { get; } =
    [
        // Credentials.
        "authorization", "*cookie*", "*-key", "x-auth*", "*token*", "*secret*", "*password*", "*credential*", "*session*", "*csrf*", "*xsrf*", "*jwt*",
        "*signature*", "*assertion*", "*-cert*",
        // Who calls.
        "x-user*", "x-remote-*", "x-email*", "x-principal*", "x-identity*", "x-tenant*", "x-role*", "x-group*", "x-permission*", "x-webauth-*",
        // A proxy's word.
        "x-forwarded*", "x-original-*", "x-real-ip", "x-client-ip", "x-cluster-*", "x-proxy*", "x-ssl-*", "x-scheme", "x-accel-*", "x-amz*", "x-goog-*", "x-ms-*",
        "x-azure-*", "x-arr-*", "x-appgw-*", "x-appengine-*", "x-envoy-*", "x-cf-*", "x-vercel-*",
    ];

    internal bool Includes(string name)
    {
        if (_known.TryGetValue(name, out var isIncluded))
        {
            return isIncluded;
        }

        isIncluded = Find(Include, name) switch
        {
            Match.None => false,
            Match.Whole => Find(Exclude, name) != Match.Whole,
            _ => Find(Exclude, name) == Match.None,
        };
        if (_known.Count < KnownMax)
        {
            _known.TryAdd(name, isIncluded);
        }

        return isIncluded;
    }

    /// <summary>Whether a header of this name is one that the lists are about.</summary>
    internal bool IsCandidate(string name) => name.StartsWith("x-", StringComparison.OrdinalIgnoreCase) || Find(Include, name) != Match.None;

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

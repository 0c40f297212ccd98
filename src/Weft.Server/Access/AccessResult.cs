using System.Diagnostics.CodeAnalysis;
using Weft.Runs;

namespace Weft.Server;

/// <summary>The answer of an authorization handler: allow, refuse, or allow for a part of the resources.</summary>
public sealed class AccessResult
{
    private AccessResult(MetadataFilter? filter, string? reason)
    {
        Filter = filter;
        Reason = reason;
    }

    /// <summary>Allows the call for all that the actor owns.</summary>
    public static AccessResult Allow { get; } = new(MetadataFilter.All, null);

    /// <summary>The resources that the call may see; null if it is refused.</summary>
    internal MetadataFilter? Filter { get; }

    /// <summary>Why the call is refused.</summary>
    internal string? Reason { get; }

    /// <summary>Refuses the call with 403.</summary>
    /// <param name="reason">The text that the client gets.</param>
    public static AccessResult Deny(string reason = "The caller may not do this.") => new(null, reason);

    /// <summary>
    /// Allows the call for the resources whose metadata matches. Others are treated as missing, and what the call creates or changes
    /// gets metadata that matches. For the store, the filter is about the members <c>namespace</c>, a list of labels, and <c>key</c>.
    /// </summary>
    public static AccessResult Where(MetadataFilter filter)
    {
        ArgumentNullException.ThrowIfNull(filter);
        return new AccessResult(filter, null);
    }

    /// <inheritdoc cref="Where"/>
    [SuppressMessage("Usage", "CA2225:Operator overloads have named alternates", Justification = "Where is the alternate.")]
    public static implicit operator AccessResult(MetadataFilter filter) => Where(filter);
}

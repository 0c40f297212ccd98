using Weft.Graphs;

namespace Weft.Server;

/// <summary>Which events a stream or a subscription shows (docs/protocol/v2.md 7). Immutable.</summary>
internal sealed class V2Filter
{
    /// <summary>Everything.</summary>
    public static V2Filter All { get; } = new() { Channels = (V2Channels)(-1) };

    /// <summary>The channels.</summary>
    public required V2Channels Channels { get; init; }

    /// <summary>The names of custom channels, in addition to <see cref="Channels"/>.</summary>
    public IReadOnlySet<string> CustomNames { get; init; } = new HashSet<string>();

    /// <summary>Prefixes of namespaces, of which one must match; null means every namespace.</summary>
    public IReadOnlyList<string[]>? Prefixes { get; init; }

    /// <summary>How many segments a namespace may have after the prefix; null means no limit.</summary>
    public int? Depth { get; init; }

    /// <summary>The number of the last event that the client has; null means none.</summary>
    public long? Since { get; init; }

    /// <summary>Whether the channel of a part is shown.</summary>
    public bool Wants(StreamPart part, V2Channels channel) =>
        (Channels & channel) != 0
        || (CustomNames.Count > 0 && part is CustomPart { Channel: { } name } && CustomNames.Contains(name));

    /// <summary>Whether events of a namespace are shown.</summary>
    public bool Covers(ReadOnlySpan<string> segments)
    {
        if (Prefixes is null)
        {
            return true;
        }

        foreach (var prefix in Prefixes)
        {
            if (prefix.Length <= segments.Length && (Depth is null || segments.Length - prefix.Length <= Depth) && Begins(segments, prefix))
            {
                return true;
            }
        }

        return false;
    }

    private static bool Begins(ReadOnlySpan<string> segments, string[] prefix)
    {
        for (var i = 0; i < prefix.Length; i++)
        {
            if (!IsSame(segments[i], prefix[i]))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The segment of a prefix may be the name of a node without the id of its task.</summary>
    private static bool IsSame(string segment, string wanted) =>
        segment == wanted
        || (segment.Length > wanted.Length && segment[wanted.Length] == ':'
            && segment.StartsWith(wanted, StringComparison.Ordinal) && !wanted.Contains(':', StringComparison.Ordinal));
}

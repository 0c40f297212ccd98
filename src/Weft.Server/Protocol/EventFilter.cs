using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>Which events of a thread a stream shows (docs/protocol/v2.md 7).</summary>
internal sealed record EventFilter
{
    /// <summary>
    /// The channels: <c>values</c>, <c>updates</c>, <c>messages</c>, <c>tools</c>, <c>lifecycle</c>, <c>input</c>,
    /// <c>checkpoints</c>, <c>tasks</c>, <c>custom</c> or <c>custom:name</c>.
    /// </summary>
    [JsonPropertyName("channels")]
    public required List<string> Channels { get; init; }

    /// <summary>Prefixes of the namespaces to show. null or an empty list means all.</summary>
    [JsonPropertyName("namespaces")]
    public List<List<string>>? Namespaces { get; init; }

    /// <summary>How many segments a namespace may have after its prefix. null means no limit.</summary>
    [JsonPropertyName("depth")]
    public int? Depth { get; init; }

    /// <summary>Only events with a greater <c>seq</c>. null means all that are kept.</summary>
    [JsonPropertyName("since")]
    public long? Since { get; init; }
}

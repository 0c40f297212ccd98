using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>What the values of the channels of a thread occupy.</summary>
internal sealed record ChannelStorageResource
{
    /// <summary>The number of values and differences.</summary>
    [JsonPropertyName("count")]
    public required long Count { get; init; }

    /// <summary>Their bytes.</summary>
    [JsonPropertyName("bytes")]
    public required long Bytes { get; init; }

    /// <summary>Their bytes by channel.</summary>
    [JsonPropertyName("channels")]
    public required Dictionary<string, long> Channels { get; init; }
}

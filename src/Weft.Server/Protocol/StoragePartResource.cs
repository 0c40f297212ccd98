using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>A part of what a thread occupies.</summary>
internal sealed record StoragePartResource
{
    /// <summary>The number of entries.</summary>
    [JsonPropertyName("count")]
    public required long Count { get; init; }

    /// <summary>Their bytes.</summary>
    [JsonPropertyName("bytes")]
    public required long Bytes { get; init; }
}

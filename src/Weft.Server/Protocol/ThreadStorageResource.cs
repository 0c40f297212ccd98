using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>The bytes that the state and the history of a thread occupy, as stored.</summary>
internal sealed record ThreadStorageResource
{
    /// <summary>The thread.</summary>
    [JsonPropertyName("thread_id")]
    public required string ThreadId { get; init; }

    /// <summary>The sum of the three parts.</summary>
    [JsonPropertyName("total_bytes")]
    public required long TotalBytes { get; init; }

    /// <summary>The checkpoints without the values of channels, and their metadata.</summary>
    [JsonPropertyName("checkpoints")]
    public required StoragePartResource Checkpoints { get; init; }

    /// <summary>The values of channels, and differences between them.</summary>
    [JsonPropertyName("channel_values")]
    public required ChannelStorageResource ChannelValues { get; init; }

    /// <summary>What tasks wrote whose superstep has not ended.</summary>
    [JsonPropertyName("pending_writes")]
    public required StoragePartResource PendingWrites { get; init; }
}

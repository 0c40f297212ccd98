using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>The thread of a command, and how far its events had come.</summary>
internal sealed record CommandMeta
{
    /// <summary>The thread.</summary>
    [JsonPropertyName("thread_id")]
    public required string ThreadId { get; init; }

    /// <summary>The number of the last event before the command took effect. 0 if there was none.</summary>
    [JsonPropertyName("applied_through_seq")]
    public required long AppliedThroughSeq { get; init; }
}

using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>A page of the messages of a run.</summary>
internal sealed record RunMessagesResponse
{
    /// <summary>The messages, oldest first.</summary>
    [JsonPropertyName("data")]
    public required List<RunMessageResource> Data { get; init; }

    /// <summary>Whether more messages follow in the direction of the page.</summary>
    [JsonPropertyName("hasMore")]
    public required bool HasMore { get; init; }
}

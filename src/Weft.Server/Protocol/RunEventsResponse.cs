using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>A page of the events of a run.</summary>
internal sealed record RunEventsResponse
{
    /// <summary>The events, in their order.</summary>
    [JsonPropertyName("events")]
    public required List<RunEventResource> Events { get; init; }

    /// <summary>The <c>after</c> of the next page; null on the last page.</summary>
    [JsonPropertyName("next")]
    public required long? Next { get; init; }

    /// <summary>The id of the first event that is kept; null if none is.</summary>
    [JsonPropertyName("kept_from")]
    public required long? KeptFrom { get; init; }
}

using System.Text.Json;
using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>An event of a run.</summary>
internal sealed record RunEventResource
{
    /// <summary>The number of the event in the stream of the run.</summary>
    [JsonPropertyName("id")]
    public required long Id { get; init; }

    /// <summary>The number of the event in the log of its thread; null while the run has not started.</summary>
    [JsonPropertyName("seq")]
    public required long? Seq { get; init; }

    /// <summary>The name of the event, with the namespace of a subgraph after <c>|</c>.</summary>
    [JsonPropertyName("event")]
    public required string Event { get; init; }

    /// <summary>The data.</summary>
    [JsonPropertyName("data")]
    public required JsonElement Data { get; init; }

    /// <summary>When it was published.</summary>
    [JsonPropertyName("at")]
    public required DateTimeOffset At { get; init; }
}

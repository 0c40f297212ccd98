using System.Text.Json;
using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>A task of a state.</summary>
internal sealed record ThreadTaskResource
{
    /// <summary>The id.</summary>
    [JsonPropertyName("id")]
    public required string Id { get; init; }

    /// <summary>The node.</summary>
    [JsonPropertyName("name")]
    public required string Name { get; init; }

    /// <summary>Where the task comes from, as the engine names it.</summary>
    [JsonPropertyName("path")]
    public required List<JsonElement> Path { get; init; }

    /// <summary>Why the task failed; null if it did not.</summary>
    [JsonPropertyName("error")]
    public required string? Error { get; init; }

    /// <summary>The interrupts of the task that wait for an answer.</summary>
    [JsonPropertyName("interrupts")]
    public required List<InterruptResource> Interrupts { get; init; }

    /// <summary>The state of the subgraph that the task runs, if the request does not ask for subgraphs.</summary>
    [JsonPropertyName("checkpoint")]
    public required CheckpointConfigResource? Checkpoint { get; init; }

    /// <summary>The state of the subgraph that the task runs, if the request asks for subgraphs.</summary>
    [JsonPropertyName("state")]
    public required ThreadStateResource? State { get; init; }

    /// <summary>What a finished task wrote; null if it has not finished.</summary>
    [JsonPropertyName("result")]
    public required JsonElement Result { get; init; }
}

using System.Text.Json;
using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>A version of an assistant.</summary>
internal record AssistantVersionResource
{
    /// <summary>The id of the assistant.</summary>
    [JsonPropertyName("assistant_id")]
    public required Guid AssistantId { get; init; }

    /// <summary>The id of its graph.</summary>
    [JsonPropertyName("graph_id")]
    public required string GraphId { get; init; }

    /// <summary>The name.</summary>
    [JsonPropertyName("name")]
    public required string Name { get; init; }

    /// <summary>What the assistant does.</summary>
    [JsonPropertyName("description")]
    public required string? Description { get; init; }

    /// <summary>The configuration of its runs, unless they have their own.</summary>
    [JsonPropertyName("config")]
    public required ConfigResource Config { get; init; }

    /// <summary>The static context of its runs, unless they have their own.</summary>
    [JsonPropertyName("context")]
    public required Dictionary<string, JsonElement> Context { get; init; }

    /// <summary>The metadata.</summary>
    [JsonPropertyName("metadata")]
    public required Dictionary<string, JsonElement> Metadata { get; init; }

    /// <summary>The version, from 1.</summary>
    [JsonPropertyName("version")]
    public required int Version { get; init; }

    /// <summary>When the server created the assistant; in a list of versions, when it created this one.</summary>
    [JsonPropertyName("created_at")]
    public required DateTimeOffset CreatedAt { get; init; }
}

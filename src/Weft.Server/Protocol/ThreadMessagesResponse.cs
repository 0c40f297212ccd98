using System.Text.Json;
using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>A page of the messages of a state.</summary>
internal sealed record ThreadMessagesResponse
{
    /// <summary>The messages in their order.</summary>
    [JsonPropertyName("messages")]
    public required List<ThreadMessageResource> Messages { get; init; }

    /// <summary>The number of messages of the state.</summary>
    [JsonPropertyName("total")]
    public required int Total { get; init; }

    /// <summary>The <c>before</c> of the page with older messages; null if this page has the first one.</summary>
    [JsonPropertyName("next")]
    public required int? Next { get; init; }
}

/// <summary>A message of a state, with its origin.</summary>
internal sealed record ThreadMessageResource
{
    /// <summary>The place among the messages of the state, from 0.</summary>
    [JsonPropertyName("index")]
    public required int Index { get; init; }

    /// <summary>The message.</summary>
    [JsonPropertyName("message")]
    [SchemaOf(typeof(Dictionary<string, JsonElement>))]
    public required JsonElement Message { get; init; }

    /// <summary>The first checkpoint that has it; null if it was removed.</summary>
    [JsonPropertyName("checkpoint_id")]
    public required Guid? CheckpointId { get; init; }

    /// <summary>The checkpoint before, from which another message can be tried; null if there is none.</summary>
    [JsonPropertyName("parent_checkpoint_id")]
    public required Guid? ParentCheckpointId { get; init; }

    /// <summary>The run that brought it; null if an edit did, or if that is not known.</summary>
    [JsonPropertyName("run_id")]
    public required Guid? RunId { get; init; }

    /// <summary>The node that wrote it; <c>__start__</c> for the input; null if that is not known.</summary>
    [JsonPropertyName("node")]
    public required string? Node { get; init; }
}

using System.Text.Json;
using System.Text.Json.Serialization;

namespace Weft.AgentFramework;

/// <summary>What a thread stores for its workflow.</summary>
internal sealed record StoredWorkflow
{
    /// <summary>The session of the workflow.</summary>
    [JsonPropertyName("session_id")]
    public required string SessionId { get; init; }

    /// <summary>The id of <see cref="Checkpoint"/>; null if there is none.</summary>
    [JsonPropertyName("checkpoint_id")]
    public string? CheckpointId { get; init; }

    /// <summary>The last checkpoint, as the workflow has written it.</summary>
    [JsonPropertyName("checkpoint")]
    public JsonElement? Checkpoint { get; init; }

    /// <summary>The id of the last message that the workflow knows; null if it knows none.</summary>
    [JsonPropertyName("last_message")]
    public string? LastMessage { get; init; }

    /// <summary>The requests that wait for answers.</summary>
    [JsonPropertyName("requests")]
    public IReadOnlyList<PortRequest> Requests { get; init; } = [];

    /// <summary>The answers that the workflow has not got yet.</summary>
    [JsonPropertyName("answers")]
    public IReadOnlyList<PortAnswer> Answers { get; init; } = [];
}

/// <summary>A request to a port.</summary>
/// <param name="Id">The id.</param>
/// <param name="Port">The port.</param>
/// <param name="Data">The request.</param>
internal sealed record PortRequest(
    [property: JsonPropertyName("id")] string Id,
    [property: JsonPropertyName("port")] string Port,
    [property: JsonPropertyName("data")] JsonElement Data);

/// <summary>The answer to a request.</summary>
/// <param name="Id">The id of the request.</param>
/// <param name="Port">The port.</param>
/// <param name="Data">The response.</param>
internal sealed record PortAnswer(
    [property: JsonPropertyName("id")] string Id,
    [property: JsonPropertyName("port")] string Port,
    [property: JsonPropertyName("data")] JsonElement Data);

/// <summary>How far a task is with its workflow. It is kept after each superstep of the workflow.</summary>
internal sealed record WorkflowProgress
{
    /// <summary>The workflow after the superstep.</summary>
    [JsonPropertyName("state")]
    public required StoredWorkflow State { get; init; }

    /// <summary>Whether the workflow goes on by itself.</summary>
    [JsonPropertyName("has_next")]
    public bool HasNext { get; init; }

    /// <summary>The number of inputs that the workflow has got.</summary>
    [JsonPropertyName("sent")]
    public int Sent { get; init; }

    /// <summary>The messages so far.</summary>
    [JsonPropertyName("messages")]
    public IReadOnlyList<JsonElement> Messages { get; init; } = [];

    /// <summary>The messages that executors have yielded as output so far.</summary>
    [JsonPropertyName("yielded")]
    public IReadOnlyList<JsonElement> Yielded { get; init; } = [];

    /// <summary>The outputs so far.</summary>
    [JsonPropertyName("outputs")]
    public IReadOnlyList<JsonElement> Outputs { get; init; } = [];
}

/// <summary>The JSON of what is stored for workflows.</summary>
[JsonSerializable(typeof(StoredWorkflow))]
[JsonSerializable(typeof(WorkflowProgress))]
internal sealed partial class StoredWorkflowJsonContext : JsonSerializerContext;

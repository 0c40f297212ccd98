using System.Text.Json;
using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>The body of <c>POST /v1/chat/completions</c> (docs/protocol/openai.md 2). Other members are ignored.</summary>
internal sealed record ChatCompletionRequest : ModelSettings
{
    /// <summary>The assistant: its id, or the id of its graph.</summary>
    [JsonPropertyName("model")]
    public string? Model { get; init; }

    /// <summary>A list of objects: the conversation.</summary>
    [JsonPropertyName("messages")]
    public JsonElement? Messages { get; init; }

    /// <summary>Whether the answer is streamed.</summary>
    [JsonPropertyName("stream")]
    public bool? Stream { get; init; }

    /// <summary>What a stream has.</summary>
    [JsonPropertyName("stream_options")]
    public ChatStreamOptions? StreamOptions { get; init; }

    /// <summary>The number of answers. Only 1 is accepted.</summary>
    [JsonPropertyName("n")]
    public long? N { get; init; }

    /// <summary>An object: the metadata of the run. Its <c>thread_id</c> names the thread that keeps the conversation.</summary>
    [JsonPropertyName("metadata")]
    public JsonElement? Metadata { get; init; }

    /// <summary>The client's user. It is part of the metadata of the run.</summary>
    [JsonPropertyName("user")]
    public string? User { get; init; }
}

/// <summary>What the stream of a chat completion has.</summary>
internal sealed record ChatStreamOptions
{
    /// <summary>Whether a chunk before the end of the stream has the usage.</summary>
    [JsonPropertyName("include_usage")]
    public bool? IncludeUsage { get; init; }
}

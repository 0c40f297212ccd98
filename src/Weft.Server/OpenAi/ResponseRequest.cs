using System.Text.Json;
using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>The body of <c>POST /v1/responses</c> (docs/protocol/openai.md 4). Other members are ignored.</summary>
internal sealed record ResponseRequest
{
    /// <summary>The assistant: its id, or the id of its graph.</summary>
    [JsonPropertyName("model")]
    public string? Model { get; init; }

    /// <summary>A text, or a list of items.</summary>
    [JsonPropertyName("input")]
    public JsonElement? Input { get; init; }

    /// <summary>A system message for this response.</summary>
    [JsonPropertyName("instructions")]
    public string? Instructions { get; init; }

    /// <summary>The response that this one continues.</summary>
    [JsonPropertyName("previous_response_id")]
    public string? PreviousResponseId { get; init; }

    /// <summary>The conversation, or an object with its <c>id</c>: the thread.</summary>
    [JsonPropertyName("conversation")]
    public JsonElement? Conversation { get; init; }

    /// <summary>Whether the response and its thread are kept.</summary>
    [JsonPropertyName("store")]
    public bool? Store { get; init; }

    /// <summary>Whether the response is streamed.</summary>
    [JsonPropertyName("stream")]
    public bool? Stream { get; init; }

    /// <summary>Whether the run continues without its client.</summary>
    [JsonPropertyName("background")]
    public bool? Background { get; init; }

    /// <summary>An object: the metadata of the response and of its run.</summary>
    [JsonPropertyName("metadata")]
    public JsonElement? Metadata { get; init; }

    /// <summary>The client's user. It is part of the metadata of the run.</summary>
    [JsonPropertyName("user")]
    public string? User { get; init; }

    /// <summary>The sampling temperature.</summary>
    [JsonPropertyName("temperature")]
    public double? Temperature { get; init; }

    /// <summary>The probability mass of the tokens to sample from.</summary>
    [JsonPropertyName("top_p")]
    public double? TopP { get; init; }

    /// <summary>The most tokens of an answer, with those of the reasoning.</summary>
    [JsonPropertyName("max_output_tokens")]
    public long? MaxOutputTokens { get; init; }

    /// <summary>An object with <c>effort</c>: how much the model reasons.</summary>
    [JsonPropertyName("reasoning")]
    public JsonElement? Reasoning { get; init; }

    /// <summary>An object with <c>format</c> and <c>verbosity</c> of the answer.</summary>
    [JsonPropertyName("text")]
    public JsonElement? Text { get; init; }

    /// <summary>A list of the client's tools.</summary>
    [JsonPropertyName("tools")]
    public JsonElement? Tools { get; init; }

    /// <summary>Which tool the model has to call.</summary>
    [JsonPropertyName("tool_choice")]
    public JsonElement? ToolChoice { get; init; }

    /// <summary>Whether the model may make several calls at once.</summary>
    [JsonPropertyName("parallel_tool_calls")]
    public bool? ParallelToolCalls { get; init; }
}

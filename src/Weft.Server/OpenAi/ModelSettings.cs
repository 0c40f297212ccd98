using System.Text.Json;
using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>
/// What a request says of the model's call. Graphs read it from <c>configurable</c>, under the same names (docs/protocol/openai.md 3).
/// </summary>
internal record ModelSettings
{
    /// <summary>The sampling temperature.</summary>
    [JsonPropertyName("temperature")]
    public double? Temperature { get; init; }

    /// <summary>The probability mass of the tokens to sample from.</summary>
    [JsonPropertyName("top_p")]
    public double? TopP { get; init; }

    /// <summary>The most tokens of an answer.</summary>
    [JsonPropertyName("max_tokens")]
    public long? MaxTokens { get; init; }

    /// <summary>The most tokens of an answer, with those of the reasoning.</summary>
    [JsonPropertyName("max_completion_tokens")]
    public long? MaxCompletionTokens { get; init; }

    /// <summary>A text, or a list of texts, at which the model stops.</summary>
    [JsonPropertyName("stop")]
    public JsonElement? Stop { get; init; }

    /// <summary>The seed of the sampling.</summary>
    [JsonPropertyName("seed")]
    public long? Seed { get; init; }

    /// <summary>The penalty of tokens that are in the text already.</summary>
    [JsonPropertyName("presence_penalty")]
    public double? PresencePenalty { get; init; }

    /// <summary>The penalty of tokens by how often they are in the text.</summary>
    [JsonPropertyName("frequency_penalty")]
    public double? FrequencyPenalty { get; init; }

    /// <summary>How much the model reasons, such as <c>low</c>.</summary>
    [JsonPropertyName("reasoning_effort")]
    public string? ReasoningEffort { get; init; }

    /// <summary>How long answers are, such as <c>low</c>.</summary>
    [JsonPropertyName("verbosity")]
    public string? Verbosity { get; init; }

    /// <summary>An object: the format of the answer.</summary>
    [JsonPropertyName("response_format")]
    public JsonElement? ResponseFormat { get; init; }

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

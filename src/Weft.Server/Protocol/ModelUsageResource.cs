using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>The tokens that one model took, as far as it said.</summary>
internal record ModelUsageResource
{
    /// <summary>The tokens of the input.</summary>
    [JsonPropertyName("input_tokens")]
    public required long InputTokens { get; init; }

    /// <summary>The tokens of the output.</summary>
    [JsonPropertyName("output_tokens")]
    public required long OutputTokens { get; init; }

    /// <summary>Both together.</summary>
    [JsonPropertyName("total_tokens")]
    public required long TotalTokens { get; init; }

    /// <summary>The part of the input that came from a cache, as <c>cache_read</c>.</summary>
    [JsonPropertyName("input_token_details")]
    public required Dictionary<string, long> InputTokenDetails { get; init; }

    /// <summary>The part of the output that was reasoning, as <c>reasoning</c>.</summary>
    [JsonPropertyName("output_token_details")]
    public required Dictionary<string, long> OutputTokenDetails { get; init; }
}

using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>The tokens that models took, as far as they said.</summary>
internal sealed record TokenUsageResource : ModelUsageResource
{
    /// <summary>The same for each model that said its name; missing if none did.</summary>
    [JsonPropertyName("by_model")]
    public Dictionary<string, ModelUsageResource>? ByModel { get; init; }
}

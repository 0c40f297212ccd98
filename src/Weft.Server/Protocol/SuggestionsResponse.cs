using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>What the user may ask next.</summary>
internal sealed record SuggestionsResponse
{
    /// <summary>The suggestions. Empty if the server has no model, or if the model failed.</summary>
    [JsonPropertyName("suggestions")]
    public required List<string> Suggestions { get; init; }
}

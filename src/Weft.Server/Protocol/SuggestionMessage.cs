using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>A message of a conversation for which suggestions are wanted.</summary>
internal sealed record SuggestionMessage
{
    /// <summary><c>user</c>, <c>assistant</c> or another role. Required.</summary>
    [JsonPropertyName("role")]
    public string? Role { get; init; }

    /// <summary>The text. Required.</summary>
    [JsonPropertyName("content")]
    public string? Content { get; init; }
}

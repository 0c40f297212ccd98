using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>The body of <c>POST /ui/{assistant}</c>.</summary>
internal sealed record UiRequest
{
    /// <summary>The name of the component. Required.</summary>
    [JsonPropertyName("name")]
    public string? Name { get; init; }

    /// <summary>The id of the element that shows the component. null means a placeholder that the client replaces.</summary>
    [JsonPropertyName("shadowRootId")]
    public string? ShadowRootId { get; init; }
}

using System.Text.Json;
using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>An item of the store.</summary>
internal record ItemResource
{
    /// <summary>The labels of the namespace.</summary>
    [JsonPropertyName("namespace")]
    public required List<string> Namespace { get; init; }

    /// <summary>The key in the namespace.</summary>
    [JsonPropertyName("key")]
    public required string Key { get; init; }

    /// <summary>The value.</summary>
    [JsonPropertyName("value")]
    public required Dictionary<string, JsonElement> Value { get; init; }

    /// <summary>When the item was put first.</summary>
    [JsonPropertyName("created_at")]
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was put last.</summary>
    [JsonPropertyName("updated_at")]
    public required DateTimeOffset UpdatedAt { get; init; }
}

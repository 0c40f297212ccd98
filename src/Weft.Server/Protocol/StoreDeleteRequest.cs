using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>The body of <c>DELETE /store/items</c>.</summary>
internal sealed record StoreDeleteRequest
{
    /// <summary>The labels of the namespace. Required.</summary>
    [JsonPropertyName("namespace")]
    public List<string>? Namespace { get; init; }

    /// <summary>The key in the namespace. Required.</summary>
    [JsonPropertyName("key")]
    public string? Key { get; init; }
}

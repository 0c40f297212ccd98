using System.Text.Json;
using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>The body of <c>PUT /store/items</c>.</summary>
internal sealed record StorePutRequest
{
    /// <summary>The labels of the namespace. Required.</summary>
    [JsonPropertyName("namespace")]
    public List<string>? Namespace { get; init; }

    /// <summary>The key in the namespace. Required.</summary>
    [JsonPropertyName("key")]
    public string? Key { get; init; }

    /// <summary>The value, an object. Required.</summary>
    [JsonPropertyName("value")]
    [SchemaOf(typeof(Dictionary<string, JsonElement>))]
    public JsonElement? Value { get; init; }

    /// <summary>false, or a list of the paths to index. null means the server's default.</summary>
    [JsonPropertyName("index")]
    [SchemaOf(typeof(bool), typeof(List<string>))]
    public JsonElement? Index { get; init; }

    /// <summary>The time to live in minutes. null means the server's default.</summary>
    [JsonPropertyName("ttl")]
    public double? Ttl { get; init; }
}

using System.Text.Json;
using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>The body of <c>POST /store/items/search</c>.</summary>
internal sealed record StoreSearchRequest
{
    /// <summary>The first labels of the namespaces to search. Required.</summary>
    [JsonPropertyName("namespace_prefix")]
    public List<string>? NamespacePrefix { get; init; }

    /// <summary>An object of members and the values that they must have. null means any items.</summary>
    [JsonPropertyName("filter")]
    [SchemaOf(typeof(Dictionary<string, JsonElement>))]
    public JsonElement? Filter { get; init; }

    /// <summary>A text to search by meaning. null means no such search.</summary>
    [JsonPropertyName("query")]
    public string? Query { get; init; }

    /// <summary>The maximum number of items in the response. null means 10.</summary>
    [JsonPropertyName("limit")]
    public long? Limit { get; init; }

    /// <summary>The number of items to skip. null means 0.</summary>
    [JsonPropertyName("offset")]
    public long? Offset { get; init; }

    /// <summary>Whether the read prolongs the life of the items. null means the server's default.</summary>
    [JsonPropertyName("refresh_ttl")]
    public bool? RefreshTtl { get; init; }
}

using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>The body of <c>POST /store/namespaces</c>.</summary>
internal sealed record StoreListNamespacesRequest
{
    /// <summary>The first labels of the namespaces. null means any.</summary>
    [JsonPropertyName("prefix")]
    public List<string>? Prefix { get; init; }

    /// <summary>The last labels of the namespaces. null means any.</summary>
    [JsonPropertyName("suffix")]
    public List<string>? Suffix { get; init; }

    /// <summary>The number of labels after which namespaces are cut off. null means no limit.</summary>
    [JsonPropertyName("max_depth")]
    public long? MaxDepth { get; init; }

    /// <summary>The maximum number of namespaces in the response. null means 100.</summary>
    [JsonPropertyName("limit")]
    public long? Limit { get; init; }

    /// <summary>The number of namespaces to skip. null means 0.</summary>
    [JsonPropertyName("offset")]
    public long? Offset { get; init; }
}

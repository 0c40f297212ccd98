using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>Namespaces of the store.</summary>
internal sealed record ListNamespaceResponse
{
    /// <summary>The labels of each namespace.</summary>
    [JsonPropertyName("namespaces")]
    public required List<List<string>> Namespaces { get; init; }
}

using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>The items that a search found.</summary>
internal sealed record SearchItemsResponse
{
    /// <summary>The items.</summary>
    [JsonPropertyName("items")]
    public required List<SearchItemResource> Items { get; init; }
}

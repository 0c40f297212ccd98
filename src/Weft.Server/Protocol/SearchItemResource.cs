using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>An item that a search found.</summary>
internal sealed record SearchItemResource : ItemResource
{
    /// <summary>How well the item matches the query. null without one.</summary>
    [JsonPropertyName("score")]
    public required double? Score { get; init; }
}

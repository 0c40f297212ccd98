using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>A page of deliveries of webhooks.</summary>
internal sealed record WebhookList
{
    /// <summary>The deliveries, newest first.</summary>
    [JsonPropertyName("webhooks")]
    public required List<WebhookResource> Webhooks { get; init; }

    /// <summary>The <c>cursor</c> of the next page; null if there is none.</summary>
    [JsonPropertyName("next")]
    public required Guid? Next { get; init; }
}

using System.Text.Json;
using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>The delivery of the end of a run to its webhook, with its attempts and what is sent.</summary>
internal sealed record WebhookDelivery : WebhookResource
{
    /// <summary>The newest attempts that have ended, in their order.</summary>
    [JsonPropertyName("attempts")]
    public required List<WebhookAttemptResource> Attempts { get; init; }

    /// <summary>What is sent, without the time of the call.</summary>
    [JsonPropertyName("payload")]
    public required Dictionary<string, JsonElement> Payload { get; init; }
}

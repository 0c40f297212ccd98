using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>The time to live of a thread.</summary>
internal sealed record ThreadTtlResource
{
    /// <summary>What happens when the thread expires.</summary>
    [JsonPropertyName("strategy")]
    [AllowedValues("delete", "keep_latest")]
    public required string Strategy { get; init; }

    /// <summary>The minutes from the last change until the thread expires.</summary>
    [JsonPropertyName("ttl_minutes")]
    public required double TtlMinutes { get; init; }

    /// <summary>When the thread expires.</summary>
    [JsonPropertyName("expires_at")]
    public required DateTimeOffset? ExpiresAt { get; init; }
}

using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>The time to live of a thread, as requests have it.</summary>
internal sealed record ThreadTtlCreate
{
    /// <summary>The minutes from the last change until the thread expires.</summary>
    [JsonPropertyName("ttl")]
    public required double Ttl { get; init; }

    /// <summary>What happens when the thread expires. null means <c>delete</c>.</summary>
    [JsonPropertyName("strategy")]
    [AllowedValues("delete", "keep_latest")]
    public string? Strategy { get; init; }
}

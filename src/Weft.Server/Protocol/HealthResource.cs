using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>The health of the server.</summary>
internal sealed record HealthResource
{
    /// <summary>Always true. A server that is not healthy answers with an error.</summary>
    [JsonPropertyName("ok")]
    public required bool Ok { get; init; }
}

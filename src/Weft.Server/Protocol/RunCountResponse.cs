using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>The numbers of runs by their status.</summary>
internal sealed record RunCountResponse
{
    /// <summary>The number for each status that runs have.</summary>
    [JsonPropertyName("counts")]
    public required Dictionary<string, int> Counts { get; init; }

    /// <summary>Whether there may be more runs than the numbers say, because not all were read.</summary>
    [JsonPropertyName("capped")]
    public required bool Capped { get; init; }
}

using System.Text.Json;
using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>The configuration of runs. It may have other members too.</summary>
internal sealed record ConfigResource
{
    /// <summary>Labels of the runs.</summary>
    [JsonPropertyName("tags")]
    public List<string>? Tags { get; init; }

    /// <summary>The most supersteps of a run.</summary>
    [JsonPropertyName("recursion_limit")]
    public int? RecursionLimit { get; init; }

    /// <summary>The settings that the graph declares.</summary>
    [JsonPropertyName("configurable")]
    public Dictionary<string, JsonElement>? Configurable { get; init; }

    /// <summary>An object that is merged into the metadata of the run's checkpoints.</summary>
    [JsonPropertyName("metadata")]
    public Dictionary<string, JsonElement>? Metadata { get; init; }

    /// <summary>Other members.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Others { get; set; }
}

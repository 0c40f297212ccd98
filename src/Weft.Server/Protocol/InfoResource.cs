using System.Text.Json;
using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>The version and the features of the server.</summary>
internal sealed record InfoResource
{
    /// <summary>The version.</summary>
    [JsonPropertyName("version")]
    public required string Version { get; init; }

    /// <summary>The kind of server.</summary>
    [JsonPropertyName("context")]
    public required string Context { get; init; }

    /// <summary>The features, and whether the server has them.</summary>
    [JsonPropertyName("flags")]
    public required Dictionary<string, bool> Flags { get; init; }

    /// <summary>Always empty.</summary>
    [JsonPropertyName("metadata")]
    public required Dictionary<string, JsonElement> Metadata { get; init; }

    /// <summary>Always empty.</summary>
    [JsonPropertyName("host")]
    public required Dictionary<string, JsonElement> Host { get; init; }

    /// <summary>What the server has in addition to the platform.</summary>
    [JsonPropertyName("weft")]
    public required AdditionsResource Weft { get; init; }
}

/// <summary>What the server has in addition to the platform.</summary>
internal sealed record AdditionsResource
{
    /// <summary>The version of the server.</summary>
    [JsonPropertyName("version")]
    public required string Version { get; init; }

    /// <summary>The names of the additions.</summary>
    [JsonPropertyName("features")]
    public required List<string> Features { get; init; }
}

using System.Text.Json;
using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>The body of <c>POST /assistants/{assistant_id}/versions</c>.</summary>
internal sealed record AssistantVersionsSearch
{
    /// <summary>An object that the metadata of the version must contain. null means any.</summary>
    [JsonPropertyName("metadata")]
    [SchemaOf(typeof(Dictionary<string, JsonElement>))]
    public JsonElement? Metadata { get; init; }

    /// <summary>The maximum number of versions in the response. null means 10.</summary>
    [JsonPropertyName("limit")]
    public long? Limit { get; init; }

    /// <summary>The number of versions to skip. null means 0.</summary>
    [JsonPropertyName("offset")]
    public long? Offset { get; init; }
}

using System.Text.Json;
using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>The body of <c>PATCH /threads/{id}/state</c>.</summary>
internal sealed record ThreadStatePatch
{
    /// <summary>An object whose members are merged into the metadata of the newest checkpoint. null changes nothing.</summary>
    [JsonPropertyName("metadata")]
    [SchemaOf(typeof(Dictionary<string, JsonElement>))]
    public JsonElement? Metadata { get; init; }
}

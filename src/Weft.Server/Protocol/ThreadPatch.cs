using System.Text.Json;
using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>The body of <c>PATCH /threads/{id}</c>.</summary>
internal sealed record ThreadPatch
{
    /// <summary>An object whose members are merged into the thread's metadata.</summary>
    [JsonPropertyName("metadata")]
    [SchemaOf(typeof(Dictionary<string, JsonElement>))]
    public JsonElement? Metadata { get; init; }

    /// <summary>The new time to live, as in the body of `POST /threads`. null keeps the present one.</summary>
    [JsonPropertyName("ttl")]
    [SchemaOf(typeof(double), typeof(ThreadTtlCreate))]
    public JsonElement? Ttl { get; init; }
}

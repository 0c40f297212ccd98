using System.Text.Json;
using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>A command to a thread that has a state (docs/protocol/runs.md C7).</summary>
internal sealed record CommandResource
{
    /// <summary>The update of the state: an object, or a list of pairs of a channel and a value.</summary>
    [JsonPropertyName("update")]
    [SchemaOf(typeof(Dictionary<string, JsonElement>), typeof(List<List<JsonElement>>))]
    public JsonElement? Update { get; init; }

    /// <summary>The answer to the interrupt that waits. If several wait, an object of answers by the ids of the interrupts.</summary>
    [JsonPropertyName("resume")]
    [SchemaOf(typeof(object))]
    public JsonElement? Resume { get; init; }

    /// <summary>The nodes to run next: names, and nodes with an input of their own.</summary>
    [JsonPropertyName("goto")]
    [SchemaOf(typeof(string), typeof(SendResource), OrList = true)]
    public JsonElement? Goto { get; init; }
}

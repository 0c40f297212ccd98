using System.Text.Json;
using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>A superstep of the history that a thread begins with.</summary>
internal sealed record ThreadSuperstep
{
    /// <summary>The updates of the state, one for each task.</summary>
    [JsonPropertyName("updates")]
    public required List<ThreadSuperstepUpdate> Updates { get; init; }
}

/// <summary>An update of the state in a superstep.</summary>
internal sealed record ThreadSuperstepUpdate
{
    /// <summary>The update: an object, a list of objects, or null.</summary>
    [JsonPropertyName("values")]
    [SchemaOf(typeof(Dictionary<string, JsonElement>), typeof(List<Dictionary<string, JsonElement>>))]
    public JsonElement? Values { get; init; }

    /// <summary>A command in the place of the values.</summary>
    [JsonPropertyName("command")]
    public CommandResource? Command { get; init; }

    /// <summary>The node whose update it is.</summary>
    [JsonPropertyName("as_node")]
    public required string AsNode { get; init; }
}

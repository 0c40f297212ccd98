using System.Text.Json;
using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>A command on a thread (docs/protocol/v2.md 2).</summary>
internal sealed record CommandRequest
{
    /// <summary>A number that the client chooses. The answer repeats it.</summary>
    [JsonPropertyName("id")]
    public required ulong Id { get; init; }

    /// <summary>
    /// <c>run.start</c>, <c>input.respond</c>, <c>input.inject</c>, <c>state.get</c>, <c>state.listCheckpoints</c>,
    /// <c>state.fork</c> or <c>agent.getTree</c>.
    /// </summary>
    [JsonPropertyName("method")]
    public required string Method { get; init; }

    /// <summary>An object: the params of the method.</summary>
    [JsonPropertyName("params")]
    public JsonElement? Params { get; init; }
}

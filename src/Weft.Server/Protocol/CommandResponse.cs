using System.Text.Json;
using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>The answer to a command. A command that is refused is answered with 200 too.</summary>
internal sealed record CommandResponse
{
    /// <summary><c>success</c> or <c>error</c>.</summary>
    [JsonPropertyName("type")]
    public required string Type { get; init; }

    /// <summary>The id of the command; null if it could not be read.</summary>
    [JsonPropertyName("id")]
    public required ulong? Id { get; init; }

    /// <summary>An object: the result of the method.</summary>
    [JsonPropertyName("result")]
    public JsonElement? Result { get; init; }

    /// <summary>The code of the error.</summary>
    [JsonPropertyName("error")]
    public string? Error { get; init; }

    /// <summary>The text of the error.</summary>
    [JsonPropertyName("message")]
    public string? Message { get; init; }

    /// <summary>The thread, and how far its events had come before the command.</summary>
    [JsonPropertyName("meta")]
    public CommandMeta? Meta { get; init; }
}

using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>A message of JSON-RPC 2.0: a call, or without an id a notification.</summary>
internal sealed record JsonRpcRequest
{
    /// <summary>Always <c>2.0</c>.</summary>
    [Required]
    [AllowedValues("2.0")]
    [JsonPropertyName("jsonrpc")]
    public string? JsonRpc { get; init; }

    /// <summary>The id, a text or a number, which the response repeats.</summary>
    [JsonPropertyName("id")]
    public JsonElement? Id { get; init; }

    /// <summary>The method.</summary>
    [Required]
    [JsonPropertyName("method")]
    public string? Method { get; init; }

    /// <summary>The parameters of the method.</summary>
    [JsonPropertyName("params")]
    public Dictionary<string, JsonElement>? Params { get; init; }
}

using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>The body of a request for a run of AG-UI (docs/protocol/agui.md 2).</summary>
internal sealed record RunAgentInput
{
    /// <summary>The thread, by an id that the client chooses.</summary>
    [Required]
    [JsonPropertyName("threadId")]
    public string? ThreadId { get; init; }

    /// <summary>The run, by an id that the client chooses. The events repeat it.</summary>
    [Required]
    [JsonPropertyName("runId")]
    public string? RunId { get; init; }

    /// <summary>The run that this one follows. The events repeat it.</summary>
    [JsonPropertyName("parentRunId")]
    public string? ParentRunId { get; init; }

    /// <summary>The version of the protocol that the client speaks, such as <c>1.0</c>. Older clients send none.</summary>
    [JsonPropertyName("protocolVersion")]
    public string? ProtocolVersion { get; init; }

    /// <summary>The state that the client shows.</summary>
    [JsonPropertyName("state")]
    public JsonElement? State { get; init; }

    /// <summary>The whole conversation, as the client shows it.</summary>
    [Required]
    [JsonPropertyName("messages")]
    public List<JsonElement>? Messages { get; init; }

    /// <summary>The tools that the client has.</summary>
    [JsonPropertyName("tools")]
    public List<JsonElement>? Tools { get; init; }

    /// <summary>Descriptions and values that the client wants the assistant to know.</summary>
    [JsonPropertyName("context")]
    public List<JsonElement>? Context { get; init; }

    /// <summary>
    /// An object with <c>command</c>, <c>config</c> and <c>metadata</c>, as in a request for a run. Other members are ignored.
    /// </summary>
    [JsonPropertyName("forwardedProps")]
    public JsonElement? ForwardedProps { get; init; }

    /// <summary>The answers to interrupts: objects with <c>interruptId</c>, <c>status</c> and <c>payload</c>.</summary>
    [JsonPropertyName("resume")]
    public List<JsonElement>? Resume { get; init; }
}

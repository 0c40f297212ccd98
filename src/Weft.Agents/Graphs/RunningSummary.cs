using System.Text.Json.Serialization;

namespace Weft.Agents;

/// <summary>The summary of the older messages of a conversation.</summary>
/// <param name="Summary">The text.</param>
/// <param name="LastSummarizedMessageId">The id of the newest message that is part of it.</param>
internal sealed record RunningSummary(
    [property: JsonPropertyName("summary")] string Summary,
    [property: JsonPropertyName("last_summarized_message_id")] string LastSummarizedMessageId);

[JsonSerializable(typeof(RunningSummary))]
internal sealed partial class AgentsJsonContext : JsonSerializerContext;

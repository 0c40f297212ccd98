using System.Text.Json;

namespace Weft.Graphs;

/// <summary>A piece of a message, read from its JSON (docs/protocol/messages.md F1).</summary>
public sealed record ChunkContent
{
    /// <summary>The type, such as <c>AIMessageChunk</c>, or <c>ai</c> and <c>tool</c> for a whole message.</summary>
    public required string Type { get; init; }

    /// <summary>The text that continues the content; null if the piece has blocks.</summary>
    public string? Text { get; init; }

    /// <summary>The blocks of the content, which continue those with the same <c>index</c>; null if it is text.</summary>
    public JsonElement? Blocks { get; init; }

    /// <summary>The pieces of tool calls.</summary>
    public IReadOnlyList<ToolCallChunk> ToolCallChunks { get; init; } = [];

    /// <summary>The whole tool calls, as the list <c>tool_calls</c>; null if there are none.</summary>
    public JsonElement? ToolCalls { get; init; }

    /// <summary>The call that a tool message answers; null for other messages.</summary>
    public string? ToolCallId { get; init; }

    /// <summary>The tokens used, as <c>usage_metadata</c>; null if the piece does not say.</summary>
    public JsonElement? Usage { get; init; }

    /// <summary>Why the model stopped, such as <c>stop</c>; null unless the piece is the last one.</summary>
    public string? FinishReason { get; init; }

    /// <summary>Whether the piece says that it is the last one of its message.</summary>
    public bool IsLast { get; init; }

    internal static ChunkContent OfText(string text) => new() { Type = "AIMessageChunk", Text = text };

    internal static ChunkContent Read(JsonElement json)
    {
        var content = Find(json, "content");
        return new ChunkContent
        {
            Type = TextOf(json, "type") ?? "",
            Text = content is { ValueKind: JsonValueKind.String } text ? text.GetString() : null,
            Blocks = content is { ValueKind: JsonValueKind.Array } ? content : null,
            ToolCallChunks = Find(json, "tool_call_chunks") is { ValueKind: JsonValueKind.Array } pieces
                ? [.. pieces.EnumerateArray().Select(ReadCall)]
                : [],
            ToolCalls = Find(json, "tool_calls") is { ValueKind: JsonValueKind.Array } calls && calls.GetArrayLength() > 0 ? calls : null,
            ToolCallId = TextOf(json, "tool_call_id"),
            Usage = Find(json, "usage_metadata") is { ValueKind: JsonValueKind.Object } usage ? usage : null,
            FinishReason = Find(json, "response_metadata") is { } metadata ? TextOf(metadata, "finish_reason") : null,
            IsLast = TextOf(json, "chunk_position") == "last",
        };
    }

    private static ToolCallChunk ReadCall(JsonElement json) => new(
        Find(json, "index") is { ValueKind: JsonValueKind.Number } index && index.TryGetInt32(out var place) ? place : null,
        TextOf(json, "id"),
        TextOf(json, "name"),
        TextOf(json, "args"));

    private static JsonElement? Find(JsonElement json, string member) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(member, out var value) ? value : null;

    private static string? TextOf(JsonElement json, string member) =>
        Find(json, member) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;
}

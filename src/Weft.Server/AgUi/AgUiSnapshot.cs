using System.Text.Json;

namespace Weft.Server;

/// <summary>Writes the messages of a state as messages of AG-UI (docs/protocol/agui.md 4).</summary>
internal static class AgUiSnapshot
{
    /// <summary>Returns the id of the message that shows a reasoning block.</summary>
    /// <param name="messageId">The message that has the block.</param>
    /// <param name="number">How many reasoning blocks of the message come before it.</param>
    public static string ReasoningId(string messageId, int number) => $"{messageId}-reasoning-{number}";

    /// <summary>Writes messages as a JSON array.</summary>
    /// <param name="writer">The target.</param>
    /// <param name="messages">Messages in the form of docs/protocol/messages.md F1. Others are left out.</param>
    public static void Write(Utf8JsonWriter writer, IEnumerable<JsonElement> messages)
    {
        writer.WriteStartArray();
        foreach (var message in messages)
        {
            if (AgUiFields.TextOrNull(message, "id") is { } id)
            {
                Write(writer, message, id);
            }
        }

        writer.WriteEndArray();
    }

    /// <summary>Returns content as text: the text blocks, or the JSON of the blocks if none is text.</summary>
    public static string ContentText(JsonElement content)
    {
        if (content.ValueKind == JsonValueKind.String)
        {
            return content.GetString()!;
        }

        if (content.ValueKind != JsonValueKind.Array)
        {
            return content.GetRawText();
        }

        var text = string.Concat(content.EnumerateArray().Select(TextOfBlock));
        return text.Length > 0 || content.GetArrayLength() == 0 ? text : content.GetRawText();
    }

    private static void Write(Utf8JsonWriter writer, JsonElement message, string id)
    {
        var content = AgUiFields.Find(message, "content") ?? default;
        switch (AgUiFields.TextOrNull(message, "type"))
        {
            case "human":
                Begin(writer, id, "user"u8);
                writer.WritePropertyName("content"u8);
                AgUiParts.Write(writer, content);
                break;
            case "ai" or "chat":
                WriteReasoning(writer, id, content);
                Begin(writer, id, "assistant"u8);
                writer.WriteString("content"u8, AssistantText(content));
                WriteCalls(writer, message);
                break;
            case "system":
                Begin(writer, id, "system"u8);
                writer.WriteString("content"u8, ContentText(content));
                break;
            case "tool":
                Begin(writer, id, "tool"u8);
                writer.WriteString("content"u8, ContentText(content));
                writer.WriteString("toolCallId"u8, AgUiFields.TextOrNull(message, "tool_call_id") ?? "");
                if (AgUiFields.TextOrNull(message, "status") == "error")
                {
                    writer.WriteString("error"u8, "error"u8);
                }

                break;
            default:
                return;
        }

        writer.WriteEndObject();
    }

    private static void Begin(Utf8JsonWriter writer, string id, ReadOnlySpan<byte> role)
    {
        writer.WriteStartObject();
        writer.WriteString("id"u8, id);
        writer.WriteString("role"u8, role);
    }

    /// <summary>Returns the text of an assistant's message, which in AG-UI has no other content.</summary>
    private static string AssistantText(JsonElement content) => content.ValueKind == JsonValueKind.Array
        ? string.Concat(content.EnumerateArray().Select(TextOfBlock))
        : ContentText(content);

    private static string? TextOfBlock(JsonElement block) =>
        block.ValueKind == JsonValueKind.String ? block.GetString()
        : AgUiFields.TextOrNull(block, "type") == "text" ? AgUiFields.TextOrNull(block, "text")
        : null;

    private static void WriteReasoning(Utf8JsonWriter writer, string id, JsonElement content)
    {
        var number = 0;
        foreach (var block in content.ValueKind == JsonValueKind.Array ? content.EnumerateArray() : default)
        {
            if (AgUiFields.TextOrNull(block, "type") is "reasoning" or "thinking")
            {
                Begin(writer, ReasoningId(id, number++), "reasoning"u8);
                var text = AgUiFields.TextOrNull(block, "reasoning") ?? AgUiFields.TextOrNull(block, "thinking");
                writer.WriteString("content"u8, text ?? "");
                writer.WriteEndObject();
            }
        }
    }

    private static void WriteCalls(Utf8JsonWriter writer, JsonElement message)
    {
        if (AgUiFields.Find(message, "tool_calls") is not { ValueKind: JsonValueKind.Array } calls
            || calls.GetArrayLength() == 0)
        {
            return;
        }

        writer.WriteStartArray("toolCalls"u8);
        foreach (var call in calls.EnumerateArray())
        {
            writer.WriteStartObject();
            writer.WriteString("id"u8, AgUiFields.TextOrNull(call, "id") ?? "");
            writer.WriteString("type"u8, "function"u8);
            writer.WriteStartObject("function"u8);
            writer.WriteString("name"u8, AgUiFields.TextOrNull(call, "name") ?? "");
            writer.WriteString("arguments"u8, AgUiFields.Find(call, "args")?.GetRawText() ?? "{}");
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}

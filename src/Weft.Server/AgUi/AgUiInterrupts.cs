using System.Text.Json;
using Weft.Graphs;

namespace Weft.Server;

/// <summary>Writes the questions of a pause (docs/protocol/agui.md 7).</summary>
internal static class AgUiInterrupts
{
    private const string DefaultReason = "langgraph:interrupt";

    /// <summary>The names of an interrupt's optional texts, with the names that the value of an interrupt may have for them.</summary>
    private static readonly (string Name, string Other)[] Texts =
        [("message", "message"), ("toolCallId", "tool_call_id"), ("expiresAt", "expires_at")];

    /// <summary>Writes an interrupt as the outcome of a run shows it. Members of its value are members of the interrupt too.</summary>
    public static void Write(Utf8JsonWriter writer, Interrupt interrupt)
    {
        var value = interrupt.Value;
        writer.WriteStartObject();
        writer.WriteString("id"u8, interrupt.Id);
        writer.WriteString("reason"u8, AgUiFields.TextOrNull(value, "reason") ?? DefaultReason);
        if (value.ValueKind == JsonValueKind.String)
        {
            writer.WriteString("message"u8, value.GetString());
        }

        foreach (var (name, other) in Texts)
        {
            if ((AgUiFields.TextOrNull(value, name) ?? AgUiFields.TextOrNull(value, other)) is { } text)
            {
                writer.WriteString(name, text);
            }
        }

        if ((ObjectOf(value, "responseSchema") ?? ObjectOf(value, "response_schema") ?? interrupt.ResponseSchema) is { } schema)
        {
            writer.WritePropertyName("responseSchema"u8);
            schema.WriteTo(writer);
        }

        writer.WriteStartObject("metadata"u8);
        writer.WriteStartObject("langgraph"u8);
        writer.WritePropertyName("raw"u8);
        value.WriteTo(writer);
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static JsonElement? ObjectOf(JsonElement json, string member) =>
        AgUiFields.Find(json, member) is { ValueKind: JsonValueKind.Object } value ? value : null;
}

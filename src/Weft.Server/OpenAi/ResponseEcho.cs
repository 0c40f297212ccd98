using System.Text.Json;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Server;

/// <summary>
/// What a response repeats of its request, as an object. It is stored with the run, so that a response that is read later repeats
/// it too.
/// </summary>
internal static class ResponseEcho
{
    public static JsonElement Of(ResponseRequest body, ThreadId? conversation) =>
        GraphJson.Parse(GraphJson.Encode((body, conversation), static (writer, s) =>
        {
            var body = s.body;
            writer.WriteStartObject();
            writer.WriteString("model"u8, body.Model);
            writer.WriteString("instructions"u8, body.Instructions);
            writer.WriteString("previous_response_id"u8, body.PreviousResponseId);
            WriteConversation(writer, s.conversation);
            writer.WriteBoolean("background"u8, body.Background ?? false);
            writer.WriteBoolean("store"u8, body.Store ?? true);
            WriteNumber(writer, "max_output_tokens"u8, body.MaxOutputTokens);
            WriteNumber(writer, "temperature"u8, body.Temperature);
            WriteNumber(writer, "top_p"u8, body.TopP);
            writer.WriteBoolean("parallel_tool_calls"u8, body.ParallelToolCalls ?? true);
            Write(writer, "tool_choice"u8, body.ToolChoice, "\"auto\""u8);
            Write(writer, "tools"u8, body.Tools, "[]"u8);
            Write(writer, "text"u8, body.Text, """{"format":{"type":"text"}}"""u8);
            Write(writer, "reasoning"u8, body.Reasoning, """{"effort":null,"summary":null}"""u8);
            Write(writer, "metadata"u8, body.Metadata, "{}"u8);
            writer.WriteString("truncation"u8, "disabled"u8);
            writer.WriteString("user"u8, body.User);
            writer.WriteEndObject();
        }));

    /// <summary>Whether a value has the members that are read later. Anyone may give a run such a member of its config.</summary>
    public static bool IsValid(JsonElement echo) =>
        echo.ValueKind == JsonValueKind.Object
        && echo.TryGetProperty("store"u8, out var store) && IsFlag(store)
        && echo.TryGetProperty("background"u8, out var background) && IsFlag(background)
        && echo.TryGetProperty("conversation"u8, out _) && echo.TryGetProperty("previous_response_id"u8, out _);

    /// <summary>Whether the response is kept.</summary>
    public static bool IsStored(JsonElement echo) => echo.GetProperty("store"u8).GetBoolean();

    /// <summary>Whether the response was created in the background.</summary>
    public static bool IsBackground(JsonElement echo) => echo.GetProperty("background"u8).GetBoolean();

    /// <summary>Whether the response is part of a conversation, or continues another one.</summary>
    public static bool Continues(JsonElement echo) =>
        echo.GetProperty("conversation"u8).ValueKind != JsonValueKind.Null
        || echo.GetProperty("previous_response_id"u8).ValueKind != JsonValueKind.Null;

    private static bool IsFlag(JsonElement value) => value.ValueKind is JsonValueKind.True or JsonValueKind.False;

    private static void WriteConversation(Utf8JsonWriter writer, ThreadId? conversation)
    {
        if (conversation is not { } id)
        {
            writer.WriteNull("conversation"u8);
            return;
        }

        writer.WriteStartObject("conversation"u8);
        writer.WriteString("id"u8, ResponseId.OfConversation(id));
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, ReadOnlySpan<byte> name, JsonElement? value, ReadOnlySpan<byte> missing)
    {
        writer.WritePropertyName(name);
        if (value is { ValueKind: not JsonValueKind.Null } given)
        {
            given.WriteTo(writer);
        }
        else
        {
            writer.WriteRawValue(missing, skipInputValidation: true);
        }
    }

    private static void WriteNumber(Utf8JsonWriter writer, ReadOnlySpan<byte> name, double? value)
    {
        if (value is { } given)
        {
            writer.WriteNumber(name, given);
        }
        else
        {
            writer.WriteNull(name);
        }
    }
}

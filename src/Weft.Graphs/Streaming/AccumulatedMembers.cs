using System.Text.Json;
using System.Text.Json.Nodes;

namespace Weft.Graphs;

/// <summary>What the chunks of a message have said beside its content, merged.</summary>
internal sealed class AccumulatedMembers
{
    private readonly JsonArray _toolCallChunks = [];
    private readonly JsonObject _members;

    public AccumulatedMembers() => _members = new JsonObject
    {
        ["additional_kwargs"] = new JsonObject(),
        ["response_metadata"] = new JsonObject(),
        ["tool_calls"] = new JsonArray(),
        ["invalid_tool_calls"] = new JsonArray(),
        ["tool_call_chunks"] = _toolCallChunks,
    };

    /// <summary>Returns the name that the reader is at. Those that every chunk has are not allocated.</summary>
    public static string NameOf(ref Utf8JsonReader reader) =>
        reader.ValueTextEquals("type"u8) ? "type"
        : reader.ValueTextEquals("id"u8) ? "id"
        : reader.ValueTextEquals("content"u8) ? "content"
        : reader.ValueTextEquals("additional_kwargs"u8) ? "additional_kwargs"
        : reader.ValueTextEquals("response_metadata"u8) ? "response_metadata"
        : reader.ValueTextEquals("tool_calls"u8) ? "tool_calls"
        : reader.ValueTextEquals("invalid_tool_calls"u8) ? "invalid_tool_calls"
        : reader.ValueTextEquals("tool_call_chunks"u8) ? "tool_call_chunks"
        : reader.GetString()!;

    public void Add(string name, JsonNode? value) => ChunkMerge.Into(_members, name, value);

    /// <summary>Returns the members as a JSON object, with the tool calls as far as they have come.</summary>
    public byte[] Encode() => GraphJson.Encode(this, static (writer, members) => members.WriteTo(writer));

    private void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        foreach (var (name, value) in _members)
        {
            // A chunk's own parse of its piece of a call is nothing to go by.
            if (_toolCallChunks.Count > 0 && name is "tool_calls" or "invalid_tool_calls")
            {
                continue;
            }

            writer.WritePropertyName(name);
            if (value is null)
            {
                writer.WriteNullValue();
            }
            else
            {
                value.WriteTo(writer);
            }
        }

        if (_toolCallChunks.Count > 0)
        {
            WriteToolCalls(writer);
        }

        writer.WriteEndObject();
    }

    private void WriteToolCalls(Utf8JsonWriter writer)
    {
        var calls = _toolCallChunks.OfType<JsonObject>().Select(call => (Call: call, Args: PartialJson.CompleteObject(TextOf(call, "args") ?? ""))).ToList();
        writer.WriteStartArray("tool_calls"u8);
        foreach (var (call, args) in calls.Where(call => call.Args is not null))
        {
            writer.WriteStartObject();
            writer.WriteString("name"u8, TextOf(call, "name") ?? "");
            writer.WritePropertyName("args"u8);
            writer.WriteRawValue(args, skipInputValidation: true);
            writer.WriteString("id"u8, TextOf(call, "id"));
            writer.WriteString("type"u8, "tool_call"u8);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteStartArray("invalid_tool_calls"u8);
        foreach (var (call, _) in calls.Where(call => call.Args is null))
        {
            writer.WriteStartObject();
            writer.WriteString("name"u8, TextOf(call, "name") ?? "");
            writer.WriteString("args"u8, TextOf(call, "args"));
            writer.WriteString("id"u8, TextOf(call, "id"));
            writer.WriteString("error"u8, "Malformed args."u8);
            writer.WriteString("type"u8, "invalid_tool_call"u8);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static string? TextOf(JsonObject call, string name) =>
        call[name] is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;
}

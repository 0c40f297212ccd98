using System.Text;
using System.Text.Json;

namespace Weft.Graphs;

/// <summary>
/// A chat message in LangChain's flat form (docs/protocol/messages.md F1). It is immutable and keeps its own UTF-8
/// encoding, so that a list of messages is written by copying bytes, and members that this library does not know
/// survive.
/// </summary>
public sealed class Message
{
    /// <summary>
    /// The <see cref="Id"/> of the marker that removes every message before it (docs/protocol/messages.md F4).
    /// </summary>
    public const string RemoveAllId = "__remove_all__";

    private readonly int _bodyStart;
    private JsonElement? _json;

    /// <summary>
    /// Wraps an encoding that begins with <c>{"type":"…",</c> and then, if the message has an id, <c>"id":"…",</c>.
    /// </summary>
    private Message(string type, string? id, ReadOnlyMemory<byte> utf8, int bodyStart)
    {
        Type = type;
        Id = id;
        Utf8 = utf8;
        _bodyStart = bodyStart;
    }

    /// <summary>
    /// <c>human</c>, <c>ai</c>, <c>system</c>, <c>tool</c>, <c>function</c>, <c>chat</c> or <c>remove</c>.
    /// </summary>
    public string Type { get; }

    /// <summary>The id; null until the message enters a state.</summary>
    public string? Id { get; }

    /// <summary>
    /// Whether the id was generated when a node or an input added the message without one. It is not known for messages
    /// that were stored.
    /// </summary>
    internal bool HasMadeUpId { get; private init; }

    /// <summary>The message as a JSON object in UTF-8.</summary>
    public ReadOnlyMemory<byte> Utf8 { get; }

    /// <summary>The members after type and id.</summary>
    internal ReadOnlySpan<byte> Body => Utf8.Span[_bodyStart..];

    /// <summary>The message as JSON, parsed on first use.</summary>
    public JsonElement Json => _json ??= GraphJson.Parse(Utf8.Span);

    /// <summary>The content: a string, or a list of content blocks.</summary>
    public JsonElement Content => Json.GetProperty("content");

    /// <summary>The name of the author or tool; null if there is none.</summary>
    public string? Name => Json.TryGetProperty("name", out var name) && name.ValueKind == JsonValueKind.String ? name.GetString() : null;

    /// <summary>The id of the call that a <c>tool</c> message answers.</summary>
    public string? ToolCallId =>
        Json.TryGetProperty("tool_call_id", out var id) && id.ValueKind == JsonValueKind.String ? id.GetString() : null;

    /// <summary>The text of the content: the string itself, or its text blocks joined.</summary>
    public string Text
    {
        get
        {
            // Most contents are strings, for which the rest of the message need not be parsed and kept.
            if (_json is null && TryReadText() is { } read)
            {
                return read;
            }

            if (Content.ValueKind == JsonValueKind.String)
            {
                return Content.GetString()!;
            }

            var text = new StringBuilder();
            foreach (var block in Content.EnumerateArray())
            {
                if (block.ValueKind == JsonValueKind.String)
                {
                    text.Append(block.GetString());
                }
                else if (block.ValueKind == JsonValueKind.Object
                    && block.TryGetProperty("text", out var part)
                    && part.ValueKind == JsonValueKind.String)
                {
                    text.Append(part.GetString());
                }
            }

            return text.ToString();
        }
    }

    /// <summary>The tool calls of an <c>ai</c> message; empty for others.</summary>
    public IReadOnlyList<ToolCall> ToolCalls =>
        Json.TryGetProperty("tool_calls", out var calls) && calls.ValueKind == JsonValueKind.Array
            ? [.. calls.EnumerateArray().Select(ToolCall.FromJson)]
            : [];

    /// <summary>Makes a message of a user.</summary>
    public static Message Human(string text, string? id = null) => Create("human", text, id);

    /// <summary>Makes an instruction to the model.</summary>
    public static Message System(string text, string? id = null) => Create("system", text, id);

    /// <summary>Makes a message of the model.</summary>
    public static Message Ai(string text, string? id = null, IReadOnlyList<ToolCall>? toolCalls = null) =>
        Create("ai", text, id, (writer, calls) => WriteToolCalls(writer, calls), toolCalls ?? []);

    /// <summary>Makes the result of a tool call.</summary>
    /// <param name="text">The result.</param>
    /// <param name="toolCallId">The id of the call it answers.</param>
    /// <param name="name">The tool.</param>
    /// <param name="isError">Whether the tool failed.</param>
    /// <param name="id">The id of the message.</param>
    public static Message Tool(string text, string toolCallId, string? name = null, bool isError = false, string? id = null)
    {
        ArgumentNullException.ThrowIfNull(toolCallId);
        return Create(
            "tool",
            text,
            id,
            static (writer, tool) =>
            {
                if (tool.name is not null)
                {
                    writer.WriteString("name"u8, tool.name);
                }

                writer.WriteString("tool_call_id"u8, tool.toolCallId);
                if (tool.isError)
                {
                    writer.WriteString("status"u8, "error"u8);
                }
            },
            (name, toolCallId, isError));
    }

    /// <summary>Makes the marker that removes the message with this id.</summary>
    public static Message Remove(string id)
    {
        ArgumentNullException.ThrowIfNull(id);
        return Create("remove", "", id);
    }

    /// <summary>Makes the marker that removes every message before it.</summary>
    public static Message RemoveAll() => Remove(RemoveAllId);

    /// <summary>Makes a message of any form that clients send (docs/protocol/messages.md F2).</summary>
    /// <exception cref="MessageCoercionException">The value has none of those forms.</exception>
    public static Message FromJson(JsonElement json) => MessageCoercion.Coerce(json);

    /// <summary>Returns the message with this id.</summary>
    public Message WithId(string id)
    {
        ArgumentNullException.ThrowIfNull(id);
        return WithHead(id, isMadeUp: false);
    }

    /// <summary>Returns the message with a new id.</summary>
    internal Message WithNewId() => WithHead(NewId.OfMessage(), isMadeUp: true);

    /// <summary>Returns the message without its id.</summary>
    internal Message WithoutId() => WithHead(null, isMadeUp: false);

    private Message WithHead(string? id, bool isMadeUp)
    {
        var utf8 = Join(Type, id, Body, out var bodyStart);
        return new Message(Type, id, utf8, bodyStart) { HasMadeUpId = isMadeUp };
    }

    /// <summary>Returns the content if it is a string and the first member after the id; null if it is not.</summary>
    private string? TryReadText()
    {
        var reader = new Utf8JsonReader(Utf8.Span, GraphJson.ReaderOptions);
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.PropertyName && reader.TokenStartIndex >= _bodyStart)
            {
                return reader.ValueTextEquals("content"u8) && reader.Read() && reader.TokenType == JsonTokenType.String
                    ? reader.GetString()
                    : null;
            }
        }

        return null;
    }

    /// <inheritdoc />
    public override string ToString() => $"{Type}: {Text}";

    /// <summary>
    /// Makes a message of a type; <paramref name="writeBody"/> writes every member but <c>type</c> and <c>id</c>.
    /// </summary>
    internal static Message Encode<TState>(string type, string? id, TState state, Action<Utf8JsonWriter, TState> writeBody)
    {
        // The object's own braces are written by hand, because the head replaces the opening brace of the body.
        var body = GraphJson.Encode((state, writeBody), static (writer, s) =>
        {
            writer.WriteStartObject();
            s.writeBody(writer, s.state);
            writer.WriteEndObject();
        });
        var utf8 = Join(type, id, body.AsSpan(1), out var bodyStart);
        return new Message(type, id, utf8, bodyStart);
    }

    /// <summary>Reads the bytes of <see cref="Utf8"/> again. Only their head is checked.</summary>
    internal static Message FromStored(ReadOnlyMemory<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8.Span, GraphJson.ReaderOptions);
        reader.Read();
        reader.Read();
        reader.Read();
        var type = MessageCoercion.ReadType(ref reader);
        // Past the comma that follows the type.
        var bodyStart = (int)reader.BytesConsumed + 1;
        string? id = null;
        reader.Read();
        if (reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("id"u8))
        {
            reader.Read();
            id = reader.GetString();
            bodyStart = (int)reader.BytesConsumed + 1;
        }

        return new Message(type, id, utf8, bodyStart);
    }

    internal static void WriteToolCalls(Utf8JsonWriter writer, IReadOnlyList<ToolCall> calls)
    {
        writer.WriteStartArray("tool_calls"u8);
        foreach (var call in calls)
        {
            call.WriteTo(writer);
        }

        writer.WriteEndArray();
        writer.WriteStartArray("invalid_tool_calls"u8);
        writer.WriteEndArray();
    }

    private static Message Create(string type, string text, string? id)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Encode(type, id, text, static (writer, text) => WriteCommon(writer, text));
    }

    private static Message Create<TState>(string type, string text, string? id, Action<Utf8JsonWriter, TState> writeRest, TState rest)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Encode(type, id, (text, rest, writeRest), static (writer, s) =>
        {
            WriteCommon(writer, s.text);
            s.writeRest(writer, s.rest);
        });
    }

    private static void WriteCommon(Utf8JsonWriter writer, string text)
    {
        writer.WriteString("content"u8, text);
        writer.WriteStartObject("additional_kwargs"u8);
        writer.WriteEndObject();
        writer.WriteStartObject("response_metadata"u8);
        writer.WriteEndObject();
    }

    /// <summary>Writes type and id in front of the other members, which end with the closing brace.</summary>
    private static byte[] Join(string type, string? id, ReadOnlySpan<byte> body, out int bodyStart)
    {
        // The types are ASCII.
        var start = "{\"type\":\""u8;
        var afterType = id is null ? "\","u8 : "\",\"id\":"u8;
        byte[] encodedId = id is null ? [] : GraphJson.Encode(id, static (writer, id) => writer.WriteStringValue(id));
        bodyStart = start.Length + type.Length + afterType.Length + encodedId.Length + (id is null ? 0 : 1);
        var utf8 = new byte[bodyStart + body.Length];
        var rest = utf8.AsSpan();
        start.CopyTo(rest);
        rest = rest[start.Length..];
        rest = rest[Encoding.ASCII.GetBytes(type, rest)..];
        afterType.CopyTo(rest);
        rest = rest[afterType.Length..];
        encodedId.CopyTo(rest);
        if (id is not null)
        {
            rest[encodedId.Length] = (byte)',';
        }

        body.CopyTo(utf8.AsSpan(bodyStart));
        return utf8;
    }
}

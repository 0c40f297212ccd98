using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Weft.Graphs;

/// <summary>A content block of a message while its pieces arrive (docs/protocol/v2.md 6).</summary>
internal sealed class ContentBlock(ContentBlockKind kind, string? index)
{
    // Escaped as in JSON, without the quotes.
    private readonly ArrayBufferWriter<byte> _text = new();
    private JsonObject? _more;

    /// <summary>The id of the tool call; null if the model gave none.</summary>
    public string? CallId { get; init; }

    /// <summary>The name of the tool; null for other kinds of blocks.</summary>
    public string? CallName { get; init; }

    public ContentBlockKind Kind => kind;

    /// <summary>The index that the model's pieces have; null if they have none.</summary>
    public string? Index => index;

    /// <summary>Returns the block as it begins.</summary>
    public LazyJson Start() => Encode(static (writer, block) => block.WriteStart(writer));

    /// <summary>Adds a piece: a JSON string.</summary>
    public void Append(ReadOnlySpan<byte> json) => _text.Write(json[1..^1]);

    /// <summary>Adds a piece. Returns it as a delta.</summary>
    /// <param name="json">A JSON string.</param>
    public LazyJson AppendDelta(ReadOnlySpan<byte> json)
    {
        Append(json);
        var head = kind switch
        {
            ContentBlockKind.Text => """{"type":"text-delta","text":"""u8,
            ContentBlockKind.Reasoning => """{"type":"reasoning-delta","reasoning":"""u8,
            _ => """{"type":"tool-call-delta","args":"""u8,
        };
        return LazyJson.FromUtf8([.. head, .. json, (byte)'}']);
    }

    /// <summary>Notes what a piece says in addition to its text, such as annotations or a signature.</summary>
    public void Note(JsonElement piece)
    {
        foreach (var member in piece.EnumerateObject())
        {
            if (member.Name is not ("type" or "text" or "reasoning" or "thinking" or "index") && member.Value.ValueKind != JsonValueKind.Null)
            {
                ChunkMerge.Into(_more ??= [], member.Name, JsonNode.Parse(member.Value.GetRawText()));
            }
        }
    }

    /// <summary>Returns the whole block.</summary>
    public LazyJson Finish() => Encode(static (writer, block) => block.WriteWhole(writer));

    private LazyJson Encode(Action<Utf8JsonWriter, ContentBlock> write) => LazyJson.FromUtf8(GraphJson.Encode(this, write));

    private void WriteStart(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        switch (kind)
        {
            case ContentBlockKind.Text:
                writer.WriteString("type"u8, "text"u8);
                writer.WriteString("text"u8, ""u8);
                break;
            case ContentBlockKind.Reasoning:
                writer.WriteString("type"u8, "reasoning"u8);
                writer.WriteString("reasoning"u8, ""u8);
                break;
            default:
                WriteCall(writer, "tool_call_chunk"u8);
                writer.WriteString("args"u8, ""u8);
                break;
        }

        writer.WriteEndObject();
    }

    private void WriteWhole(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        switch (kind)
        {
            case ContentBlockKind.Text:
                writer.WriteString("type"u8, "text"u8);
                WriteText(writer, "text"u8);
                break;
            case ContentBlockKind.Reasoning:
                writer.WriteString("type"u8, "reasoning"u8);
                WriteText(writer, "reasoning"u8);
                break;
            default:
                WriteWholeCall(writer);
                break;
        }

        foreach (var (name, value) in _more ?? [])
        {
            writer.WritePropertyName(name);
            value!.WriteTo(writer);
        }

        writer.WriteEndObject();
    }

    private void WriteWholeCall(Utf8JsonWriter writer)
    {
        if (ReadArguments() is { } args)
        {
            WriteCall(writer, "tool_call"u8);
            writer.WritePropertyName("args"u8);
            args.WriteTo(writer);
        }
        else
        {
            WriteCall(writer, "invalid_tool_call"u8);
            WriteText(writer, "args"u8);
            writer.WriteString("error"u8, "Malformed args."u8);
        }
    }

    private void WriteCall(Utf8JsonWriter writer, ReadOnlySpan<byte> type)
    {
        writer.WriteString("type"u8, type);
        writer.WriteString("id"u8, CallId);
        writer.WriteString("name"u8, CallName);
    }

    private void WriteText(Utf8JsonWriter writer, ReadOnlySpan<byte> name)
    {
        writer.WritePropertyName(name);
        writer.WriteRawValue([(byte)'"', .. _text.WrittenSpan, (byte)'"'], skipInputValidation: true);
    }

    /// <summary>Returns the arguments; null if they are not a JSON object.</summary>
    private JsonElement? ReadArguments()
    {
        if (_text.WrittenCount == 0)
        {
            return GraphJson.EmptyObject;
        }

        try
        {
            var text = GraphJson.Parse([(byte)'"', .. _text.WrittenSpan, (byte)'"']).GetString()!;
            var args = GraphJson.Parse(Encoding.UTF8.GetBytes(text));
            return args.ValueKind == JsonValueKind.Object ? args : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}

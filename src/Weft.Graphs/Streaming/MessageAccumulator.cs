using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Weft.Graphs;

/// <summary>
/// Puts the chunks of a model's message together, for the stream mode <c>messages</c> (docs/protocol/streaming.md D6).
/// A chunk of text costs its own length: parts share the text so far, and the JSON after it as long as that does not
/// change.
/// </summary>
internal sealed class MessageAccumulator(string id)
{
    private readonly byte[] _head = GraphJson.Encode(id, static (writer, id) =>
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "ai"u8);
        writer.WriteString("id"u8, id);
        writer.WritePropertyName("content"u8);
    });

    /// <summary>
    /// The opening quote and the text, escaped. Written bytes never change, so earlier parts remain valid.
    /// </summary>
    private readonly ArrayBufferWriter<byte> _text = new();
    private readonly AccumulatedMembers _members = new();
    private JsonArray? _blocks;
    private byte[]? _tail;

    /// <summary>
    /// Adds a chunk: a JSON object in the form of docs/protocol/messages.md F1. Returns the message so far; null if the
    /// chunk adds nothing, or does not come from a model.
    /// </summary>
    public PartialMessagePart? Add(ReadOnlyMemory<byte> chunk)
    {
        var reader = new Utf8JsonReader(chunk.Span, GraphJson.ReaderOptions);
        reader.Read();
        var added = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var member = AccumulatedMembers.NameOf(ref reader);
            reader.Read();
            if (member == "type")
            {
                if (!reader.ValueTextEquals("AIMessageChunk"u8) && !reader.ValueTextEquals("ai"u8))
                {
                    return null;
                }
            }
            else if (member is "id" or "chunk_position")
            {
                reader.Skip();
            }
            else if (!TryPassEmpty(ref reader))
            {
                Add(member, ref reader);
                added = true;
            }
        }

        return added ? SoFar(chunk.Length) : null;
    }

    private void Add(string member, ref Utf8JsonReader reader)
    {
        if (member != "content")
        {
            _members.Add(member, JsonNode.Parse(ref reader));
            _tail = null;
        }
        else if (reader.TokenType == JsonTokenType.String && _blocks is null)
        {
            if (_text.WrittenCount == 0)
            {
                _text.Write("\""u8);
            }

            _text.Write(reader.ValueSpan);
        }
        else
        {
            AddBlocks(reader.TokenType == JsonTokenType.String
                ? new JsonArray(TextBlock(reader.GetString()!))
                : JsonNode.Parse(ref reader)!.AsArray());
        }
    }

    /// <summary>From the first block on the content is a list, and text that was there becomes a block of it.</summary>
    private void AddBlocks(JsonArray blocks)
    {
        if (_blocks is null)
        {
            _blocks = _text.WrittenCount == 0
                ? []
                : new JsonArray(TextBlock(JsonNode.Parse([.. _text.WrittenSpan, (byte)'"'])!.GetValue<string>()));
            _tail = null;
        }

        ChunkMerge.Into(_blocks, blocks);
    }

    private PartialMessagePart SoFar(int chunkBytes)
    {
        if (_blocks is not null)
        {
            var blocks = GraphJson.Encode(_blocks, static (writer, blocks) => blocks.WriteTo(writer));
            return new PartialMessagePart(_head, blocks, _tail ??= EncodeTail(","u8), blocks.Length);
        }

        return _text.WrittenCount == 0
            ? new PartialMessagePart(_head, "\""u8.ToArray(), _tail ??= EncodeTail("\","u8), chunkBytes)
            : new PartialMessagePart(_head, _text.WrittenMemory, _tail ??= EncodeTail("\","u8), chunkBytes);
    }

    private byte[] EncodeTail(ReadOnlySpan<byte> afterContent) => [.. afterContent, .. _members.Encode().AsSpan(1)];

    private static JsonObject TextBlock(string text) => new() { ["type"] = "text", ["text"] = text };

    /// <summary>Passes over a value that is null or empty.</summary>
    private static bool TryPassEmpty(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.Null:
                return true;
            case JsonTokenType.String:
                return reader.ValueSpan.Length == 0;
            case JsonTokenType.StartObject or JsonTokenType.StartArray:
                var inside = reader;
                inside.Read();
                if (inside.TokenType is not (JsonTokenType.EndObject or JsonTokenType.EndArray))
                {
                    return false;
                }

                reader = inside;
                return true;
            default:
                return false;
        }
    }
}

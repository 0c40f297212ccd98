using System.Text.Json;

namespace Weft.Graphs;

/// <summary>A piece of a chat message while a model makes it, or a message that a node returned whole.</summary>
public sealed class MessageChunkPart : StreamPart
{
    private readonly ReadOnlyMemory<byte> _own;

    /// <summary>Creates a part.</summary>
    /// <param name="message">The message.</param>
    /// <param name="own">The piece; of a message whose pieces differ only in a text, that text as a JSON string.</param>
    internal MessageChunkPart(StreamedMessage message, ReadOnlyMemory<byte> own)
    {
        Message = message;
        _own = own;
    }

    /// <inheritdoc/>
    public override StreamMode Mode => StreamMode.MessagesTuple;

    /// <summary>The message.</summary>
    public StreamedMessage Message { get; }

    /// <summary>Whether the piece is text that continues the message's content, and nothing else.</summary>
    public bool IsText => Message.IsText;

    /// <summary>The text if <see cref="IsText"/>; null otherwise.</summary>
    public string? Text
    {
        get
        {
            if (!IsText)
            {
                return null;
            }

            var reader = new Utf8JsonReader(_own.Span);
            reader.Read();
            return reader.GetString();
        }
    }

    /// <summary>The text as a JSON string with its quotes if <see cref="IsText"/>; empty otherwise.</summary>
    public ReadOnlyMemory<byte> TextJson => IsText ? _own : default;

    /// <inheritdoc/>
    public override int CostBytes => _own.Length + ValueSize.ObjectBytes;

    /// <summary>The bytes that only this piece has: all of it, or its text.</summary>
    internal ReadOnlyMemory<byte> Own => _own;

    /// <summary>Reads the piece.</summary>
    public ChunkContent Read() => Text is { } text ? ChunkContent.OfText(text) : ChunkContent.Read(GraphJson.Parse(_own.Span));

    /// <summary>Returns the piece: a JSON object in the form of docs/protocol/messages.md F1.</summary>
    public byte[] ToChunk() => [.. Message.Before.Span, .. _own.Span, .. Message.After.Span];
}

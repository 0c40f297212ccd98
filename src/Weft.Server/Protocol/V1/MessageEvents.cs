using Weft.Graphs;

namespace Weft.Server;

/// <summary>Encodes messages and their pieces (docs/protocol/streaming.md D5 and D6).</summary>
internal static class MessageEvents
{
    // What pieces have in common is encoded once for each message, or for all messages of a task and model.
    private static readonly Func<StreamItem, Envelope> MessageEnvelope = static message => Make((StreamedMessage)message);
    private static readonly Func<StreamItem, Envelope> SourceEnvelope = static source => Make((MessageSource)source, default, default);
    private static readonly Func<StreamItem, byte[]> Metadata = static message => EncodeMetadata((StreamedMessage)message);

    private static readonly byte[] ListStart = [(byte)'['];
    private static readonly byte[] ListEnd = [(byte)']'];

    /// <summary>A piece with its metadata: <c>[message, metadata]</c>.</summary>
    public static JsonPieces DataOf(MessageChunkPart part)
    {
        var message = part.Message;
        var envelope = part.IsText ? message.FormOf(MessageEnvelope) : message.Source.FormOf(SourceEnvelope);
        return new JsonPieces(envelope.Head, part.Own, envelope.Tail);
    }

    /// <summary>The message so far: <c>[message]</c>.</summary>
    public static JsonPieces DataOf(PartialMessagePart part) =>
        new(ListStart, part.Head, ListEnd, between: part.Content, second: part.Tail);

    /// <summary>The metadata of a message by its id.</summary>
    public static JsonPieces DataOf(MessageMetadataPart part) => new(part.Message.FormOf(Metadata));

    private static Envelope Make(StreamedMessage message) => Make(message.Source, message.Before.Span, message.After.Span);

    private static Envelope Make(MessageSource source, ReadOnlySpan<byte> before, ReadOnlySpan<byte> after) => new(
        (byte[])[(byte)'[', .. before],
        (byte[])[.. after, (byte)',', .. source.Metadata.Span, (byte)']']);

    private static byte[] EncodeMetadata(StreamedMessage message) => GraphJson.Encode(message, static (writer, message) =>
    {
        writer.WriteStartObject();
        writer.WriteStartObject(message.Id);
        writer.WritePropertyName("metadata"u8);
        writer.WriteRawValue(message.Source.Metadata.Span, skipInputValidation: true);
        writer.WriteEndObject();
        writer.WriteEndObject();
    });
}

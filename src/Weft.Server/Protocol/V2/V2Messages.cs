using System.Globalization;
using System.Text;
using System.Text.Json;
using Weft.Graphs;

namespace Weft.Server;

/// <summary>Encodes messages and their content blocks (docs/protocol/v2.md 6).</summary>
internal static class V2Messages
{
    // What events have in common is encoded once for each message, or for all messages of a task and model.
    private static readonly Func<StreamItem, byte[]> Before = static source => V2Json.BeforeData(((MessageSource)source).Node);
    private static readonly Func<StreamItem, Form> TextForm = static message => MakeText((StreamedMessage)message);
    private static readonly Func<StreamItem, byte[]> Tail = static message => MakeTail((StreamedMessage)message);
    private static readonly byte[] DataMember = [.. ",\"data\":"u8];

    private static readonly Func<StreamItem, byte[]> StartData = static part => Encode((MessageStartPart)part);
    private static readonly Func<StreamItem, byte[]> FinishData = static part => Encode((MessageFinishPart)part);
    private static readonly Func<StreamItem, byte[]> ErrorData = static part => Encode((MessageErrorPart)part);
    private static readonly Func<StreamItem, byte[]> BlockHead = static part => Head((MessageBlockPart)part);

    /// <summary>A piece of text.</summary>
    public static V2Event Of(MessageChunkPart part)
    {
        var form = part.Message.FormOf(TextForm);
        return new V2Event(
            V2Methods.Messages, new JsonPieces(form.Head, part.TextJson, form.Tail), part.Message.Source.FormOf(Before));
    }

    public static V2Event Of(StreamPart part)
    {
        var (message, data) = part switch
        {
            MessageStartPart start => (start.Message, new JsonPieces(start.FormOf(StartData))),
            MessageFinishPart finish => (finish.Message, new JsonPieces(finish.FormOf(FinishData))),
            MessageErrorPart error => (error.Message, new JsonPieces(error.FormOf(ErrorData))),
            MessageBlockPart { Data: { } media } block => (block.Message, Join(block, media)),
            MessageBlockPart block =>
                (block.Message, new JsonPieces(block.FormOf(BlockHead), block.Content.Utf8, block.Message.FormOf(Tail))),
            _ => throw new ArgumentOutOfRangeException(nameof(part), part.GetType().Name, "The part is no part of a message."),
        };
        return new V2Event(V2Methods.Messages, data, message.Source.FormOf(Before));
    }

    /// <summary>A block or a piece with its data, which comes behind its other members.</summary>
    private static JsonPieces Join(MessageBlockPart part, LazyJson media) => new(
        part.FormOf(BlockHead), part.Content.Utf8[..^1], part.Message.FormOf(TextForm).Tail, DataMember, media.Utf8);

    private static Form MakeText(StreamedMessage message) => new(
        Encoding.UTF8.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $$$"""{"event":"content-block-delta","index":{{{message.BlockIndex}}},"delta":{"type":"text-delta","text":""")),
        [(byte)'}', .. MakeTail(message)]);

    /// <summary>Each event names the message, and the call of the model, which makes one message.</summary>
    private static byte[] MakeTail(StreamedMessage message)
    {
        var id = GraphJson.Encode(message.Id, static (writer, id) => writer.WriteStringValue(id));
        return [.. ",\"message_id\":"u8, .. id, .. ",\"run_id\":"u8, .. id, (byte)'}'];
    }

    private static byte[] Head(MessageBlockPart part)
    {
        var (name, member) = part.Phase switch
        {
            MessageBlockPhase.Start => ("start", "content"),
            MessageBlockPhase.Delta => ("delta", "delta"),
            _ => ("finish", "content"),
        };
        return Encoding.UTF8.GetBytes(string.Create(
            CultureInfo.InvariantCulture, $$"""{"event":"content-block-{{name}}","index":{{part.Index}},"{{member}}":"""));
    }

    private static byte[] Encode(MessageStartPart part) => GraphJson.Encode(part, static (writer, part) =>
    {
        writer.WriteStartObject();
        writer.WriteString("event"u8, "message-start"u8);
        writer.WriteString("role"u8, part.Role);
        writer.WriteString("id"u8, part.Message.Id);
        WriteIds(writer, part.Message);
        writer.WriteStartObject("metadata"u8);
        if (part.Message.Source.Model is { } model)
        {
            WriteOptional(writer, "provider", model.Provider);
            WriteOptional(writer, "model", model.Name);
        }

        using var metadata = JsonDocument.Parse(part.Message.Source.Metadata);
        foreach (var member in metadata.RootElement.EnumerateObject())
        {
            member.WriteTo(writer);
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    });

    private static byte[] Encode(MessageFinishPart part) => GraphJson.Encode(part, static (writer, part) =>
    {
        writer.WriteStartObject();
        writer.WriteString("event"u8, "message-finish"u8);
        writer.WriteString("reason"u8, part.Reason);
        if (part.Usage is { } usage)
        {
            writer.WritePropertyName("usage"u8);
            writer.WriteRawValue(usage.Utf8.Span, skipInputValidation: true);
        }

        writer.WritePropertyName("metadata"u8);
        writer.WriteRawValue(part.Metadata is { } metadata ? metadata.Utf8.Span : "{}"u8, skipInputValidation: true);
        WriteIds(writer, part.Message);
        writer.WriteEndObject();
    });

    private static byte[] Encode(MessageErrorPart part) => GraphJson.Encode(part, static (writer, part) =>
    {
        writer.WriteStartObject();
        writer.WriteString("event"u8, "error"u8);
        writer.WriteString("message"u8, part.Text);
        WriteIds(writer, part.Message);
        writer.WriteEndObject();
    });

    private static void WriteIds(Utf8JsonWriter writer, StreamedMessage message)
    {
        writer.WriteString("message_id"u8, message.Id);
        writer.WriteString("run_id"u8, message.Id);
    }

    private static void WriteOptional(Utf8JsonWriter writer, string name, string? text)
    {
        if (text is not null)
        {
            writer.WriteString(name, text);
        }
    }

    private sealed record Form(byte[] Head, byte[] Tail);
}

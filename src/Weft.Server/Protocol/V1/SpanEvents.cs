using System.Text;
using System.Text.Json;
using Weft.Graphs;

namespace Weft.Server;

/// <summary>Encodes LangChain's events of version 2 (docs/protocol/streaming.md D8).</summary>
internal static class SpanEvents
{
    private static readonly Func<StreamItem, byte[]> MakeTail = static source => Tail((EventSource)source);

    private static readonly byte[] BeforeInput = [.. ",\"input\":"u8];

    private static readonly byte[][][] Heads =
    [
        .. Enum.GetValues<EventKind>().Select(static kind =>
            (byte[][])[.. Enum.GetValues<EventPhase>().Select(phase => Head(kind, phase))]),
    ];

    public static JsonPieces DataOf(EventPart part)
    {
        var head = Heads[(int)part.Source.Kind][(int)part.Phase];
        var tail = part.Source.FormOf(MakeTail);
        return part.Input is { } input
            ? new JsonPieces(head, part.Value.Utf8, tail, BeforeInput, input.Utf8)
            : new JsonPieces(head, part.Value.Utf8, tail);
    }

    private static byte[] Head(EventKind kind, EventPhase phase)
    {
        var subject = kind switch
        {
            EventKind.Chain => "chain",
            EventKind.ChatModel => "chat_model",
            EventKind.Tool => "tool",
            EventKind.Retriever => "retriever",
            _ => "prompt",
        };
        var (word, member) = phase switch
        {
            EventPhase.Start => ("start", "input"),
            EventPhase.Stream => ("stream", "chunk"),
            EventPhase.End => ("end", "output"),
            _ => ("error", "error"),
        };
        return Encoding.UTF8.GetBytes($$"""{"event":"on_{{subject}}_{{word}}","data":{"{{member}}":""");
    }

    private static byte[] Tail(EventSource source)
    {
        var common = GraphJson.Encode(source, static (writer, source) =>
        {
            writer.WriteStartObject();
            writer.WriteString("name"u8, source.Name);
            writer.WriteString("run_id"u8, source.RunId);
            WriteTexts(writer, "parent_ids", source.ParentIds);
            WriteTexts(writer, "tags", source.Tags);
            writer.WritePropertyName("metadata"u8);
            writer.WriteRawValue(source.Metadata.Span, skipInputValidation: true);
            writer.WriteEndObject();
        });
        return [.. "},"u8, .. common.AsSpan(1)];
    }

    private static void WriteTexts(Utf8JsonWriter writer, string name, IReadOnlyList<string> texts)
    {
        writer.WriteStartArray(name);
        foreach (var text in texts)
        {
            writer.WriteStringValue(text);
        }

        writer.WriteEndArray();
    }
}

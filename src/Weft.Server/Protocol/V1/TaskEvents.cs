using System.Text.Json;
using Weft.Graphs;

namespace Weft.Server;

/// <summary>Encodes tasks and checkpoints, as they are and for the mode <c>debug</c> (docs/protocol/streaming.md D7).</summary>
internal static class TaskEvents
{
    private static readonly Func<StreamItem, Envelope> MakeEnvelope = static item => item switch
    {
        TaskStartPart start => Make(start),
        TaskResultPart result => Make(result),
        CheckpointPart checkpoint => Make(checkpoint),
        DebugPart debug => Make(debug),
        _ => throw new ArgumentOutOfRangeException(nameof(item), item.GetType().Name, "The part is no task and no checkpoint."),
    };

    private static readonly byte[] NoResult = [.. "{}"u8];

    public static JsonPieces DataOf(StreamPart part)
    {
        var envelope = part.FormOf(MakeEnvelope);
        return new JsonPieces(envelope.Head, ValueOf(part), envelope.Tail);
    }

    private static ReadOnlyMemory<byte> ValueOf(StreamPart part) => part switch
    {
        TaskStartPart start => start.Input.Utf8,
        TaskResultPart result => result.Result?.Utf8 ?? NoResult,
        CheckpointPart checkpoint => checkpoint.State.Utf8,
        DebugPart debug => ValueOf(debug.Part),
        _ => default,
    };

    private static Envelope Make(TaskStartPart part) => new(
        GraphJson.Encode(part, static (writer, part) =>
        {
            writer.WriteStartObject();
            writer.WriteString("id"u8, part.Id);
            writer.WriteString("name"u8, part.Node);
            writer.WritePropertyName("input"u8);
        }),
        Tail(part, static (writer, part) =>
        {
            writer.WriteStartArray("triggers"u8);
            foreach (var trigger in part.Triggers)
            {
                writer.WriteStringValue(trigger);
            }

            writer.WriteEndArray();
            writer.WriteStartArray("interrupts"u8);
            writer.WriteEndArray();
        }));

    private static Envelope Make(TaskResultPart part) => new(
        GraphJson.Encode(part, static (writer, part) =>
        {
            writer.WriteStartObject();
            writer.WriteString("id"u8, part.Id);
            writer.WriteString("name"u8, part.Node);
            writer.WriteString("error"u8, part.Error);
            writer.WritePropertyName("result"u8);
        }),
        Tail(part, static (writer, part) =>
        {
            writer.WritePropertyName("interrupts"u8);
            Interrupt.WriteAll(writer, part.Interrupts);
        }));

    private static Envelope Make(CheckpointPart part) => new(
        GraphJson.Encode(part, static (writer, part) =>
        {
            writer.WriteStartObject();
            WriteConfig(writer, "config", part, part.Info.Id);
            WriteConfig(writer, "parent_config", part, part.Info.ParentId);
            writer.WritePropertyName("values"u8);
        }),
        Tail(part, static (writer, part) =>
        {
            WriteMember(writer, "metadata", part.Metadata);
            WriteMember(writer, "next", part.Next);
            WriteMember(writer, "tasks", part.Tasks);
            writer.WritePropertyName("checkpoint"u8);
            WriteReference(writer, part, part.Info.Id);
            writer.WritePropertyName("parent_checkpoint"u8);
            WriteReference(writer, part, part.Info.ParentId);
        }));

    private static Envelope Make(DebugPart part)
    {
        var inner = part.Part.FormOf(MakeEnvelope);
        var head = GraphJson.Encode((part, inner), static (writer, s) =>
        {
            writer.WriteStartObject();
            writer.WriteNumber("step"u8, s.part.Step);
            writer.WriteString("timestamp"u8, s.part.Time.UtcDateTime);
            writer.WriteString("type"u8, s.part.Type);
            writer.WritePropertyName("payload"u8);
            writer.WriteRawValue(s.inner.Head.Span, skipInputValidation: true);
        });
        return new Envelope(head, (byte[])[.. inner.Tail.Span, (byte)'}']);
    }

    /// <summary>Returns the members after the value of an object, and its end.</summary>
    private static byte[] Tail<TPart>(TPart part, Action<Utf8JsonWriter, TPart> write)
    {
        // The first byte opens an object, whose members these would be if it had no others.
        var members = GraphJson.Encode((part, write), static (writer, s) =>
        {
            writer.WriteStartObject();
            s.write(writer, s.part);
            writer.WriteEndObject();
        });
        members[0] = (byte)',';
        return members;
    }

    private static void WriteMember(Utf8JsonWriter writer, string name, LazyJson value)
    {
        writer.WritePropertyName(name);
        writer.WriteRawValue(value.Utf8.Span, skipInputValidation: true);
    }

    private static void WriteConfig(Utf8JsonWriter writer, string member, CheckpointPart part, string? id)
    {
        if (id is null)
        {
            writer.WriteNull(member);
            return;
        }

        writer.WriteStartObject(member);
        writer.WritePropertyName("configurable"u8);
        WriteReference(writer, part, id);
        writer.WriteEndObject();
    }

    private static void WriteReference(Utf8JsonWriter writer, CheckpointPart part, string? id) =>
        CheckpointReference.Write(writer, part.ThreadId, part.CheckpointNamespace, part.Parents, id);
}

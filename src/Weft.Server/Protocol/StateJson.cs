using System.Text.Json;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Server;

/// <summary>A thread's state on the wire (protocol, section E1), with the members that the contract file's client family reads besides.</summary>
internal static class StateJson
{
    public static void Write(Utf8JsonWriter writer, ThreadId threadId, StateSnapshot? state)
    {
        if (state is null)
        {
            WriteEmpty(writer);
            return;
        }

        var checkpoint = state.Checkpoint;
        writer.WriteStartObject();
        writer.WritePropertyName("values"u8);
        checkpoint.Values.WriteTo(writer);
        writer.WriteStartArray("next"u8);
        foreach (var node in state.Next)
        {
            writer.WriteStringValue(node);
        }

        writer.WriteEndArray();
        writer.WritePropertyName("tasks"u8);
        state.WriteTasks(writer, threadId.Value, (nested, inner) => Write(nested, threadId, inner));
        writer.RawMember("metadata"u8, checkpoint.Metadata);
        writer.Time("created_at"u8, checkpoint.CreatedAt);
        writer.WritePropertyName("checkpoint"u8);
        CheckpointReference.Write(writer, threadId.Value, checkpoint, checkpoint.Id, more =>
        {
            more.WriteString("id"u8, checkpoint.Id);
            more.Time("ts"u8, checkpoint.CreatedAt);
        });
        writer.WritePropertyName("parent_checkpoint"u8);
        CheckpointReference.Write(writer, threadId.Value, checkpoint, checkpoint.ParentId);
        writer.WriteStartArray("interrupts"u8);
        foreach (var interrupt in state.Interrupts)
        {
            interrupt.WriteTo(writer);
        }

        writer.WriteEndArray();
        writer.WriteString("checkpoint_id"u8, checkpoint.Id);
        writer.WriteString("parent_checkpoint_id"u8, checkpoint.ParentId);
        writer.WriteEndObject();
    }

    /// <summary>What an edit answers: the SDKs look for the new checkpoint under either name.</summary>
    public static void WriteUpdated(Utf8JsonWriter writer, ThreadId threadId, Checkpoint checkpoint)
    {
        writer.WriteStartObject();
        writer.WritePropertyName("checkpoint"u8);
        CheckpointReference.Write(writer, threadId.Value, checkpoint, checkpoint.Id);
        writer.WritePropertyName("configurable"u8);
        CheckpointReference.Write(writer, threadId.Value, checkpoint, checkpoint.Id);
        writer.WriteEndObject();
    }

    private static void WriteEmpty(Utf8JsonWriter writer) => writer.WriteRawValue(
        """{"values":{},"next":[],"tasks":[],"metadata":{},"created_at":null,"checkpoint":null,"parent_checkpoint":null,"interrupts":[],"checkpoint_id":null,"parent_checkpoint_id":null}"""u8,
        skipInputValidation: true);
}

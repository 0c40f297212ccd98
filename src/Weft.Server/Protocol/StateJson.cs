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
        state.WriteTasks(writer);
        writer.RawMember("metadata"u8, checkpoint.Metadata);
        writer.Time("created_at"u8, checkpoint.CreatedAt);
        writer.WritePropertyName("checkpoint"u8);
        WriteReference(writer, threadId, checkpoint.Namespace, checkpoint.Id, checkpoint.CreatedAt);
        writer.WritePropertyName("parent_checkpoint"u8);
        WriteReference(writer, threadId, checkpoint.Namespace, checkpoint.ParentId, null);
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
    public static void WriteUpdated(Utf8JsonWriter writer, ThreadId threadId, string checkpointId)
    {
        writer.WriteStartObject();
        writer.WritePropertyName("checkpoint"u8);
        WriteReference(writer, threadId, "", checkpointId, null);
        writer.WritePropertyName("configurable"u8);
        WriteReference(writer, threadId, "", checkpointId, null);
        writer.WriteEndObject();
    }

    private static void WriteReference(Utf8JsonWriter writer, ThreadId threadId, string checkpointNamespace, string? checkpointId, DateTimeOffset? createdAt)
    {
        if (checkpointId is null)
        {
            writer.WriteNullValue();
            return;
        }

        writer.WriteStartObject();
        writer.WriteString("thread_id"u8, threadId.Value);
        writer.WriteString("checkpoint_ns"u8, checkpointNamespace);
        writer.WriteString("checkpoint_id"u8, checkpointId);
        writer.WriteNull("checkpoint_map"u8);
        if (createdAt is { } time)
        {
            writer.WriteString("id"u8, checkpointId);
            writer.Time("ts"u8, time);
        }

        writer.WriteEndObject();
    }

    private static void WriteEmpty(Utf8JsonWriter writer) => writer.WriteRawValue(
        """{"values":{},"next":[],"tasks":[],"metadata":{},"created_at":null,"checkpoint":null,"parent_checkpoint":null,"interrupts":[],"checkpoint_id":null,"parent_checkpoint_id":null}"""u8,
        skipInputValidation: true);
}

using System.Text.Json;

namespace Weft.Graphs;

/// <summary>How a checkpoint is named on the wire (docs/protocol/state.md E2).</summary>
public static class CheckpointReference
{
    /// <summary>Writes the reference as a JSON object, or null when <paramref name="id"/> is.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="threadId">The thread.</param>
    /// <param name="checkpoint">The checkpoint, for its namespace and the checkpoints of the graphs around it.</param>
    /// <param name="id">Its id, or its parent's.</param>
    /// <param name="writeMore">Writes further members.</param>
    public static void Write(
        Utf8JsonWriter writer, string threadId, Checkpoint checkpoint, string? id, Action<Utf8JsonWriter>? writeMore = null)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(checkpoint);
        if (id is null)
        {
            writer.WriteNullValue();
            return;
        }

        writer.WriteStartObject();
        writer.WriteString("thread_id"u8, threadId);
        writer.WriteString("checkpoint_ns"u8, checkpoint.Namespace);
        writer.WriteString("checkpoint_id"u8, id);
        WriteMap(writer, checkpoint, id);
        writeMore?.Invoke(writer);
        writer.WriteEndObject();
    }

    private static void WriteMap(Utf8JsonWriter writer, Checkpoint checkpoint, string id)
    {
        if (checkpoint.Namespace.Length == 0)
        {
            writer.WriteNull("checkpoint_map"u8);
            return;
        }

        writer.WriteStartObject("checkpoint_map"u8);
        foreach (var (checkpointNamespace, parentId) in checkpoint.Parents())
        {
            writer.WriteString(checkpointNamespace, parentId);
        }

        writer.WriteString(checkpoint.Namespace, id);
        writer.WriteEndObject();
    }
}

using System.Text.Json;

namespace Weft.Graphs;

/// <summary>How a checkpoint is named on the wire (docs/protocol/state.md E2).</summary>
public static class CheckpointReference
{
    /// <summary>Writes the reference as a JSON object, or null if <paramref name="id"/> is null.</summary>
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
        Write(writer, threadId, checkpoint.Namespace, id is null ? [] : checkpoint.Parents(), id, writeMore);
    }

    /// <summary>As above, with the checkpoints of the graphs around it from the root on.</summary>
    internal static void Write(
        Utf8JsonWriter writer,
        string threadId,
        string checkpointNamespace,
        IReadOnlyList<KeyValuePair<string, string>> parents,
        string? id,
        Action<Utf8JsonWriter>? writeMore = null)
    {
        if (id is null)
        {
            writer.WriteNullValue();
            return;
        }

        writer.WriteStartObject();
        writer.WriteString("thread_id"u8, threadId);
        writer.WriteString("checkpoint_ns"u8, checkpointNamespace);
        writer.WriteString("checkpoint_id"u8, id);
        WriteMap(writer, checkpointNamespace, parents, id);
        writeMore?.Invoke(writer);
        writer.WriteEndObject();
    }

    private static void WriteMap(
        Utf8JsonWriter writer, string checkpointNamespace, IReadOnlyList<KeyValuePair<string, string>> parents, string id)
    {
        if (checkpointNamespace.Length == 0)
        {
            writer.WriteNull("checkpoint_map"u8);
            return;
        }

        writer.WriteStartObject("checkpoint_map"u8);
        foreach (var (parentNamespace, parentId) in parents)
        {
            writer.WriteString(parentNamespace, parentId);
        }

        writer.WriteString(checkpointNamespace, id);
        writer.WriteEndObject();
    }
}

using System.Text.Json;

namespace Weft.Graphs;

/// <summary>A checkpoint as it was made (docs/protocol/streaming.md D7).</summary>
internal sealed class CheckpointPayload(CompiledGraph graph, string threadId, CheckpointTuple tuple) : StreamPayload
{
    private CheckpointTuple? _tuple = tuple;

    internal override long EstimateReferred() => _tuple?.Checkpoint.Values.EstimateBytes() ?? 0;

    internal override void Forget() => _tuple = null;

    protected override byte[] Encode() => GraphJson.Encode((graph, threadId, tuple: _tuple!), static (writer, s) => Write(writer, s.graph, s.threadId, s.tuple));

    private static void Write(Utf8JsonWriter writer, CompiledGraph graph, string threadId, CheckpointTuple tuple)
    {
        var checkpoint = tuple.Checkpoint;
        var snapshot = StateSnapshot.Of(graph, tuple);
        writer.WriteStartObject();
        WriteConfig(writer, "config", threadId, checkpoint, checkpoint.Id);
        WriteConfig(writer, "parent_config", threadId, checkpoint, checkpoint.ParentId);
        writer.WritePropertyName("values"u8);
        checkpoint.Values.WriteTo(writer);
        writer.WritePropertyName("metadata"u8);
        writer.WriteRawValue(checkpoint.Metadata, skipInputValidation: true);
        writer.WriteStartArray("next"u8);
        foreach (var node in snapshot.Next)
        {
            writer.WriteStringValue(node);
        }

        writer.WriteEndArray();
        writer.WritePropertyName("tasks"u8);
        snapshot.WriteTasks(writer, threadId);
        writer.WritePropertyName("checkpoint"u8);
        CheckpointReference.Write(writer, threadId, checkpoint, checkpoint.Id);
        writer.WritePropertyName("parent_checkpoint"u8);
        CheckpointReference.Write(writer, threadId, checkpoint, checkpoint.ParentId);
        writer.WriteEndObject();
    }

    private static void WriteConfig(Utf8JsonWriter writer, string member, string threadId, Checkpoint checkpoint, string? id)
    {
        if (id is null)
        {
            writer.WriteNull(member);
            return;
        }

        writer.WriteStartObject(member);
        writer.WritePropertyName("configurable"u8);
        CheckpointReference.Write(writer, threadId, checkpoint, id);
        writer.WriteEndObject();
    }
}

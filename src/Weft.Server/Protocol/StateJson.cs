using System.Text.Json;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Server;

/// <summary>
/// A thread's state on the wire (docs/protocol/state.md E1). The platform shows a checkpoint the same everywhere, so that clients can
/// compare it with those of events and of other states. Below <c>/api/threads</c> the checkpoint and the state have more
/// members (docs/protocol/gateway.md H6).
/// </summary>
internal sealed class StateJson
{
    private static readonly string[] PlatformMembers =
        ["values", "next", "tasks", "checkpoint", "metadata", "created_at", "parent_checkpoint", "interrupts"];
    private static readonly string[] GatewayMembers = [.. PlatformMembers, "checkpoint_id", "parent_checkpoint_id"];

    private readonly bool _isGateway;

    private StateJson(bool isGateway) => _isGateway = isGateway;

    /// <summary>Returns the format of a mount.</summary>
    public static StateJson Of(Mount mount) => new(mount.IsGateway);

    /// <summary>What may be selected.</summary>
    public string[] Members => _isGateway ? GatewayMembers : PlatformMembers;

    /// <param name="writer">Where to.</param>
    /// <param name="threadId">The thread.</param>
    /// <param name="state">The state; null if it does not exist yet.</param>
    /// <param name="checkpointNamespace">The namespace of a subgraph's state that does not exist yet.</param>
    public void Write(Utf8JsonWriter writer, ThreadId threadId, StateSnapshot? state, string? checkpointNamespace = null)
    {
        if (state is null)
        {
            WriteEmpty(writer, threadId, checkpointNamespace);
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
        state.WriteTasks(writer, threadId.Value, (nested, inside, inner) => Write(nested, threadId, inner, inside));
        writer.RawMember("metadata"u8, checkpoint.Metadata);
        writer.Time("created_at"u8, checkpoint.CreatedAt);
        writer.WritePropertyName("checkpoint"u8);
        CheckpointReference.Write(writer, threadId.Value, checkpoint, checkpoint.Id, !_isGateway ? null : more =>
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
        WriteIds(writer, checkpoint.Id, checkpoint.ParentId);
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

    private void WriteIds(Utf8JsonWriter writer, string? id, string? parentId)
    {
        if (_isGateway)
        {
            writer.WriteString("checkpoint_id"u8, id);
            writer.WriteString("parent_checkpoint_id"u8, parentId);
        }
    }

    private void WriteEmpty(Utf8JsonWriter writer, ThreadId threadId, string? checkpointNamespace)
    {
        writer.WriteStartObject();
        writer.RawMember("values"u8, "{}");
        writer.RawMember("next"u8, "[]");
        writer.RawMember("tasks"u8, "[]");
        writer.RawMember("metadata"u8, "{}");
        writer.WriteNull("created_at"u8);
        if (checkpointNamespace is null)
        {
            writer.WriteNull("checkpoint"u8);
        }
        else
        {
            writer.WriteStartObject("checkpoint"u8);
            writer.WriteString("thread_id"u8, threadId.Value);
            writer.WriteString("checkpoint_ns"u8, checkpointNamespace);
            writer.WriteEndObject();
        }

        writer.WriteNull("parent_checkpoint"u8);
        writer.RawMember("interrupts"u8, "[]");
        WriteIds(writer, null, null);
        writer.WriteEndObject();
    }
}

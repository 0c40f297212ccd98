using System.Text.Json;

namespace Weft.Graphs;

/// <summary>A checkpoint when it was made.</summary>
public sealed class CheckpointPart : StreamPart
{
    /// <summary>Creates a part from its data.</summary>
    internal CheckpointPart(string threadId, CheckpointInfo info, IReadOnlyList<KeyValuePair<string, string>> parents)
    {
        ThreadId = threadId;
        Info = info;
        Parents = parents;
    }

    /// <inheritdoc/>
    public override StreamMode Mode => StreamMode.Checkpoints;

    /// <summary>The thread.</summary>
    public string ThreadId { get; }

    /// <summary>The checkpoint.</summary>
    public CheckpointInfo Info { get; }

    /// <summary>The checkpoint namespace of the graph, also if the stream does not report graphs inside.</summary>
    public required string CheckpointNamespace { get; init; }

    /// <summary>
    /// The graphs around this one, from the root on: namespace and id of the checkpoint in whose superstep it was made.
    /// </summary>
    public IReadOnlyList<KeyValuePair<string, string>> Parents { get; }

    /// <summary>The state, as <see cref="ValuesPart.State"/>.</summary>
    public required LazyJson State { get; init; }

    /// <summary>The metadata, a JSON object.</summary>
    public required LazyJson Metadata { get; init; }

    /// <summary>The nodes to run next, a JSON array of strings.</summary>
    public required LazyJson Next { get; init; }

    /// <summary>The tasks of the next superstep, a JSON array (docs/protocol/state.md E1).</summary>
    public required LazyJson Tasks { get; init; }

    /// <inheritdoc/>
    public override int CostBytes => State.CostBytes;

    /// <inheritdoc/>
    public override void EncodeValues()
    {
        _ = State.Utf8;
        _ = Next.Utf8;
        _ = Tasks.Utf8;
    }

    internal static CheckpointPart Of(CompiledGraph graph, string threadId, CheckpointTuple tuple, CheckpointInfo info, LazyJson state)
    {
        var checkpoint = tuple.Checkpoint;
        var snapshot = new Lazy<StateSnapshot>(() => StateSnapshot.Of(graph, tuple));
        return new CheckpointPart(threadId, info, checkpoint.Parents())
        {
            CheckpointNamespace = checkpoint.Namespace,
            State = state,
            Metadata = LazyJson.Of(
                checkpoint.Metadata, static (writer, metadata) => writer.WriteRawValue(metadata, skipInputValidation: true)),
            Next = LazyJson.Of(snapshot, static (writer, snapshot) => WriteNames(writer, snapshot.Value.Next)),
            Tasks = LazyJson.Of(new TasksOf(snapshot, threadId), static (writer, of) => of.Snapshot.Value.WriteTasks(writer, of.ThreadId)),
        };
    }

    private static void WriteNames(Utf8JsonWriter writer, IEnumerable<string> names)
    {
        writer.WriteStartArray();
        foreach (var name in names)
        {
            writer.WriteStringValue(name);
        }

        writer.WriteEndArray();
    }

    private sealed record TasksOf(Lazy<StateSnapshot> Snapshot, string ThreadId);
}

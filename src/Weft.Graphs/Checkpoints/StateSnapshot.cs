using System.Text.Json;

namespace Weft.Graphs;

/// <summary>A checkpoint as a reader sees it: values, and the tasks that come next with what is known of them (protocol, section E1).</summary>
public sealed class StateSnapshot
{
    private readonly NodeTask[] _tasks;

    private StateSnapshot(Checkpoint checkpoint, NodeTask[] tasks)
    {
        Checkpoint = checkpoint;
        _tasks = tasks;
    }

    /// <summary>The checkpoint.</summary>
    public Checkpoint Checkpoint { get; }

    /// <summary>The nodes to run next, one entry for each task.</summary>
    public IEnumerable<string> Next => _tasks.Select(task => task.Node.Name);

    /// <summary>Whether anything runs next.</summary>
    public bool HasNext => _tasks.Length > 0;

    /// <summary>Every interrupt that waits for an answer.</summary>
    public IEnumerable<Interrupt> Interrupts => _tasks.Where(task => !task.IsFinished).SelectMany(task => task.Saved?.Interrupts ?? []);

    /// <summary>The failures of tasks.</summary>
    public IEnumerable<string> Errors => _tasks.Where(task => task.Saved?.Error is not null).Select(task => task.Saved!.Error!);

    /// <summary>Reads a checkpoint.</summary>
    public static StateSnapshot Of(CompiledGraph graph, CheckpointTuple tuple)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(tuple);
        var checkpoint = NullTask.Apply(graph, tuple.Checkpoint, tuple.FindOutcome(NullTask.Id));
        // A graph that has changed since may lack a node: its tasks are left out, the rest can still be read.
        checkpoint = checkpoint with { Next = [.. checkpoint.Next.Where(task => task.Node == StateGraph.Start || graph.Nodes.Contains(task.Node))] };
        return new StateSnapshot(checkpoint, Superstep.Plan(graph, checkpoint, tuple.FindOutcome));
    }

    /// <summary>Writes the tasks as a JSON array.</summary>
    public void WriteTasks(Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartArray();
        for (var i = 0; i < _tasks.Length; i++)
        {
            WriteTask(writer, _tasks[i]);
        }

        writer.WriteEndArray();
    }

    /// <summary>Writes the interrupts as a JSON object of task id to array, of the tasks that have some.</summary>
    public void WriteInterruptsByTask(Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartObject();
        foreach (var task in _tasks)
        {
            if (task is { IsFinished: false, Saved.Interrupts: { Count: > 0 } interrupts })
            {
                writer.WritePropertyName(task.Id);
                Interrupt.WriteAll(writer, interrupts);
            }
        }

        writer.WriteEndObject();
    }

    private static void WriteTask(Utf8JsonWriter writer, NodeTask task)
    {
        writer.WriteStartObject();
        writer.WriteString("id"u8, task.Id);
        writer.WriteString("name"u8, task.Node.Name);
        writer.WritePropertyName("path"u8);
        TaskPath.WriteTo(writer, task.Pending, task.Index);
        writer.WriteString("error"u8, task.Saved?.Error);
        writer.WritePropertyName("interrupts"u8);
        Interrupt.WriteAll(writer, task.IsFinished ? [] : task.Saved?.Interrupts ?? []);
        writer.WriteNull("checkpoint"u8);
        writer.WriteNull("state"u8);
        writer.WritePropertyName("result"u8);
        if (task.Writes is { } writes)
        {
            writes.WriteTo(writer);
        }
        else
        {
            writer.WriteNullValue();
        }

        writer.WriteEndObject();
    }
}

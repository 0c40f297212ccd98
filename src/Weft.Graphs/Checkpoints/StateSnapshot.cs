using System.Text.Json;

namespace Weft.Graphs;

/// <summary>
/// A checkpoint as a reader sees it: the values, and the next tasks with their known outcomes (docs/protocol/state.md
/// E1).
/// </summary>
public sealed class StateSnapshot
{
    private readonly NodeTask[] _tasks;
    private readonly Dictionary<string, StateSnapshot?>? _subgraphs;

    private StateSnapshot(Checkpoint checkpoint, NodeTask[] tasks, Dictionary<string, StateSnapshot?>? subgraphs = null)
    {
        Checkpoint = checkpoint;
        _tasks = tasks;
        _subgraphs = subgraphs;
    }

    /// <summary>The checkpoint.</summary>
    public Checkpoint Checkpoint { get; }

    /// <summary>The values of the channels.</summary>
    public ChannelValues Values => Checkpoint.Values;

    /// <summary>The next nodes, one entry for each task.</summary>
    public IEnumerable<string> Next => _tasks.Select(task => task.Node.Name);

    /// <summary>Whether there is a next task.</summary>
    public bool HasNext => _tasks.Length > 0;

    /// <summary>The tasks of the next superstep, with their known outcomes.</summary>
    public IEnumerable<SnapshotTask> Tasks => _tasks.Select(task => new SnapshotTask(
        task.Id,
        task.Node.Name,
        task.IsFinished ? [] : task.Saved?.Interrupts ?? [],
        task.Saved?.Error,
        task.SubgraphNamespace,
        _subgraphs?.GetValueOrDefault(task.Id)));

    /// <summary>Every interrupt that waits for an answer.</summary>
    public IEnumerable<Interrupt> Interrupts => _tasks.Where(task => !task.IsFinished).SelectMany(task => task.Saved?.Interrupts ?? []);

    /// <summary>The failures of tasks.</summary>
    public IEnumerable<string> Errors => _tasks.Where(task => task.Saved?.Error is not null).Select(task => task.Saved!.Error!);

    /// <summary>Reads a checkpoint.</summary>
    /// <param name="graph">The graph of the checkpoint; null if it is not known.</param>
    /// <param name="tuple">The checkpoint.</param>
    public static StateSnapshot Of(CompiledGraph? graph, CheckpointTuple tuple)
    {
        ArgumentNullException.ThrowIfNull(tuple);
        graph ??= UnknownGraph.Of(tuple.Checkpoint);
        var checkpoint = CommandWrites.Apply(graph, tuple.Checkpoint, tuple.FindOutcome(CommandWrites.Id));
        // If a graph that was changed since then lacks a node, the tasks of that node are left out, and the rest can
        // still be read.
        if (checkpoint.Next.Count > 0)
        {
            checkpoint = checkpoint with
            {
                Next = [.. checkpoint.Next.Where(task => task.Node == StateGraph.Start || graph.Nodes.Contains(task.Node))],
            };
        }

        return new StateSnapshot(checkpoint, Superstep.Plan(graph, checkpoint, tuple.OutcomesById()));
    }

    /// <summary>Returns the values that a reader of a checkpoint sees: with what commands have written since.</summary>
    /// <param name="graph">The graph of the checkpoint.</param>
    /// <param name="tuple">The checkpoint.</param>
    public static ChannelValues ValuesOf(CompiledGraph graph, CheckpointTuple tuple)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(tuple);
        return tuple.FindOutcome(CommandWrites.Id) is { } outcome
            ? CommandWrites.Apply(graph, tuple.Checkpoint, outcome).Values
            : tuple.Checkpoint.Values;
    }

    /// <summary>Returns the snapshot with the states of the graphs inside its tasks, at every depth.</summary>
    public async ValueTask<StateSnapshot> WithSubgraphsAsync(ICheckpointer checkpointer, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(checkpointer);
        Dictionary<string, StateSnapshot?>? subgraphs = null;
        foreach (var task in _tasks)
        {
            if (task.SubgraphNamespace is { } inside)
            {
                (subgraphs ??= [])[task.Id] = await task.Node.FindSubgraph(0)!.FindStateAsync(checkpointer, inside, cancellationToken);
            }
        }

        return subgraphs is null ? this : new StateSnapshot(Checkpoint, _tasks, subgraphs);
    }

    /// <summary>Writes the tasks as a JSON array.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="threadId">The thread, for references to checkpoints of subgraphs.</param>
    /// <param name="writeState">
    /// Writes the state of the subgraph in a checkpoint namespace; null if it has not begun.
    /// </param>
    public void WriteTasks(Utf8JsonWriter writer, string threadId, Action<Utf8JsonWriter, string, StateSnapshot?>? writeState = null)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartArray();
        foreach (var task in _tasks)
        {
            WriteTask(writer, task, threadId, writeState);
        }

        writer.WriteEndArray();
    }

    /// <summary>
    /// Writes the interrupts as a JSON object of task id to array, for the tasks that have interrupts.
    /// </summary>
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

    private void WriteTask(
        Utf8JsonWriter writer, NodeTask task, string threadId, Action<Utf8JsonWriter, string, StateSnapshot?>? writeState)
    {
        writer.WriteStartObject();
        writer.WriteString("id"u8, task.Id);
        writer.WriteString("name"u8, task.Node.Name);
        writer.WritePropertyName("path"u8);
        TaskPath.WriteTo(writer, task.Pending, task.Index);
        writer.WriteString("error"u8, task.Saved?.Error);
        writer.WritePropertyName("interrupts"u8);
        Interrupt.WriteAll(writer, task.IsFinished ? [] : task.Saved?.Interrupts ?? []);
        WriteSubgraph(writer, task, threadId, writeState);
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

    /// <summary>
    /// A task with a graph inside has that graph's state, or a reference to it (docs/protocol/state.md E1).
    /// </summary>
    private void WriteSubgraph(
        Utf8JsonWriter writer, NodeTask task, string threadId, Action<Utf8JsonWriter, string, StateSnapshot?>? writeState)
    {
        var inside = task.SubgraphNamespace;
        if (inside is not null && writeState is not null && _subgraphs is not null && _subgraphs.TryGetValue(task.Id, out var state))
        {
            writer.WriteNull("checkpoint"u8);
            writer.WritePropertyName("state"u8);
            writeState(writer, inside, state);
            return;
        }

        if (inside is not null)
        {
            writer.WriteStartObject("checkpoint"u8);
            writer.WriteString("thread_id"u8, threadId);
            writer.WriteString("checkpoint_ns"u8, inside);
            writer.WriteEndObject();
        }
        else
        {
            writer.WriteNull("checkpoint"u8);
        }

        writer.WriteNull("state"u8);
    }
}

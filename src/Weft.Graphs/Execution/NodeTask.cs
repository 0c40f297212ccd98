namespace Weft.Graphs;

/// <summary>One execution of a node in one superstep.</summary>
internal sealed class NodeTask(PendingTask pending, GraphNode node, string id, int index, TaskOutcome? saved)
{
    /// <summary>Its place among the tasks of the superstep.</summary>
    public int Index { get; } = index;

    public PendingTask Pending { get; } = pending;

    public GraphNode Node { get; } = node;

    public string Id { get; } = id;

    /// <summary>What an earlier execution left, when there was one.</summary>
    public TaskOutcome? Saved { get; } = saved;

    /// <summary>The run's input, when this is the task that applies it.</summary>
    public StateUpdate? Given { get; init; }

    /// <summary>The checkpoint namespace of what runs inside the task. Few ask for it.</summary>
    public string Namespace => $"{Node.Name}:{Id}";

    public TaskWrites? Writes { get; set; } = saved?.Writes;

    public IReadOnlyList<Interrupt> Interrupts { get; set; } = [];

    public Exception? Error { get; set; }

    /// <summary>The state with this task's own writes applied, when a branch had to see it.</summary>
    public ChannelValues? Seen { get; set; }

    public bool IsFinished => Writes is not null;

    public TaskOutcome ToOutcome() => new()
    {
        TaskId = Id,
        Writes = Writes,
        Interrupts = Interrupts,
        Resumes = Saved?.Resumes ?? [],
        ResumedBy = Saved?.ResumedBy,
        Error = Error is null ? null : Error.Message,
    };
}

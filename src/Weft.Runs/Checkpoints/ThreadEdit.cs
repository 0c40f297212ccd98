namespace Weft.Runs;

/// <summary>An edit of a thread's state. Storage commits all of it or nothing.</summary>
public sealed record ThreadEdit
{
    /// <summary>The thread.</summary>
    public required ThreadId ThreadId { get; init; }

    /// <summary>The <see cref="ThreadRecord.Version"/> of the thread that the edit is based on.</summary>
    public required long Version { get; init; }

    /// <summary>The checkpoints to add, in this order.</summary>
    public required IReadOnlyList<CheckpointRecord> Checkpoints { get; init; }

    /// <summary>Outcomes of tasks to add or to replace, after the checkpoints.</summary>
    public IReadOnlyList<TaskOutcomeRecord> Outcomes { get; init; } = [];

    /// <summary>A stored checkpoint with other metadata, which replaces that in storage; null if no metadata changes.</summary>
    public CheckpointRecord? Patched { get; init; }

    /// <summary>The state of the thread after the edit; null leaves it unchanged.</summary>
    public ThreadOutcome? Thread { get; init; }

    /// <summary>The time of the edit.</summary>
    public required DateTimeOffset Now { get; init; }
}

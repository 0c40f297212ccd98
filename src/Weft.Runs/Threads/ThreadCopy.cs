namespace Weft.Runs;

/// <summary>
/// A copy of a thread. The copy is idle and has the checkpoints of every namespace and the outcomes of their tasks, all with
/// the same ids. The member <c>thread_id</c> of metadata names the copy. Runs and their events are not copied.
/// </summary>
public sealed record ThreadCopy
{
    /// <summary>The actor that the thread belongs to.</summary>
    public required Actor Actor { get; init; }

    /// <summary>The thread to copy.</summary>
    public required ThreadId ThreadId { get; init; }

    /// <summary>The id of the copy.</summary>
    public required ThreadId CopyId { get; init; }

    /// <summary>The metadata of the copy; null for that of the thread.</summary>
    public string? Metadata { get; init; }

    /// <summary>The <see cref="ThreadRecord.Version"/> of the thread that <see cref="Outcome"/> was computed from.</summary>
    public required long Version { get; init; }

    /// <summary>The newest root checkpoint that <see cref="Outcome"/> was computed from; null if it was computed from none.</summary>
    public CheckpointId? HeadId { get; init; }

    /// <summary>The outcome of the copy; null when the state of the thread is not known.</summary>
    public ThreadOutcome? Outcome { get; init; }

    /// <summary>The time of the copy.</summary>
    public required DateTimeOffset Now { get; init; }
}

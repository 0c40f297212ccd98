namespace Weft.Runs;

/// <summary>
/// A copy of a thread: idle, with the checkpoints of every namespace and the outcomes of their tasks, all under the ids that
/// they have. The member <c>thread_id</c> of metadata names the copy. Runs and their events are not copied.
/// </summary>
public sealed record ThreadCopy
{
    /// <summary>The actor whose thread it is.</summary>
    public required Actor Actor { get; init; }

    /// <summary>The thread to copy.</summary>
    public required ThreadId ThreadId { get; init; }

    /// <summary>The id of the copy.</summary>
    public required ThreadId CopyId { get; init; }

    /// <summary>The <see cref="ThreadRecord.Version"/> of the thread that <see cref="Outcome"/> was made of.</summary>
    public required long Version { get; init; }

    /// <summary>The newest checkpoint of the root graph that <see cref="Outcome"/> was made of; null when it was made of none.</summary>
    public CheckpointId? HeadId { get; init; }

    /// <summary>The outcome that the copy gets; null when nothing is known of the thread's state.</summary>
    public ThreadOutcome? Outcome { get; init; }

    /// <summary>The time of the copy.</summary>
    public required DateTimeOffset Now { get; init; }
}

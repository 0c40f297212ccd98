namespace Weft.Runs;

/// <summary>A thread as a store keeps it. Its values are those of its head checkpoint and not repeated here.</summary>
public sealed record ThreadRecord
{
    /// <summary>The id.</summary>
    public required ThreadId ThreadId { get; init; }

    /// <summary>The <see cref="Actor.Id"/> of whoever made it.</summary>
    public required string Owner { get; init; }

    /// <summary>
    /// Grows with each change of the thread's state or of its being busy, and with a new <see cref="Ttl"/>. A write that depends on
    /// what was read names it. Metadata has no part in it: <see cref="MetadataChange"/> guards that.
    /// </summary>
    public long Version { get; init; }

    /// <summary>What the thread is doing.</summary>
    public ThreadStatus Status { get; init; }

    /// <summary>A JSON object.</summary>
    public string Metadata { get; init; } = "{}";

    /// <summary>A JSON object: configuration of its own, under that of each run. Runs add nothing to it.</summary>
    public string Config { get; init; } = "{}";

    /// <summary>
    /// A JSON object: the configuration of its newest run whose graph was made from it; the thread is read with the same graph.
    /// Null where there was no such run.
    /// </summary>
    public string? GraphConfig { get; init; }

    /// <summary>A JSON object: task id to the array of its pending interrupts.</summary>
    public string Interrupts { get; init; } = "{}";

    /// <summary>The message of the failure, when <see cref="Status"/> is <see cref="ThreadStatus.Error"/>.</summary>
    public string? Error { get; init; }

    /// <summary>How long it is kept; null: until it is deleted.</summary>
    public ThreadTtl? Ttl { get; init; }

    /// <summary>When it is pruned as <see cref="Ttl"/> says, or soon after.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the row last changed.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>When its state last changed; null before the first checkpoint.</summary>
    public DateTimeOffset? StateUpdatedAt { get; init; }
}

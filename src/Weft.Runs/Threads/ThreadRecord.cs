namespace Weft.Runs;

/// <summary>A thread as storage keeps it. The head checkpoint has its values; the record does not repeat them.</summary>
public sealed record ThreadRecord
{
    /// <summary>The id.</summary>
    public required ThreadId ThreadId { get; init; }

    /// <summary>The <see cref="Actor.Id"/> of the actor that created the thread.</summary>
    public required string Owner { get; init; }

    /// <summary>
    /// Grows when the thread's state changes, when the thread becomes busy or stops being busy, and with a new
    /// <see cref="Ttl"/>. A write that depends on an earlier read names the version. Changes of metadata do not affect it;
    /// <see cref="MetadataChange"/> guards them.
    /// </summary>
    public long Version { get; init; }

    /// <summary>How many of its runs have started, those that were removed since included. See <see cref="RunRecord.StartOrder"/>.</summary>
    public long RunsStarted { get; init; }

    /// <summary>The status.</summary>
    public ThreadStatus Status { get; init; }

    /// <summary>A JSON object.</summary>
    public string Metadata { get; init; } = "{}";

    /// <summary>A JSON object: the thread's own configuration, which that of a run overrides. Runs do not change it.</summary>
    public string Config { get; init; } = "{}";

    /// <summary>
    /// A JSON object: the configuration of the newest run whose graph was built from its configuration. Reads of the thread use
    /// the same graph. Null means that no such run exists.
    /// </summary>
    public string? GraphConfig { get; init; }

    /// <summary>A JSON object: task id to the array of its pending interrupts.</summary>
    public string Interrupts { get; init; } = "{}";

    /// <summary>
    /// A JSON object: what lists show of the thread's state (docs/protocol/weft.md 6). Null before the first run or edit has ended,
    /// and for threads that have had none since the server stores it.
    /// </summary>
    public string? Preview { get; init; }

    /// <summary>The message of the failure, when <see cref="Status"/> is <see cref="ThreadStatus.Error"/>.</summary>
    public string? Error { get; init; }

    /// <summary>How long the thread is kept; null means until it is deleted.</summary>
    public ThreadTtl? Ttl { get; init; }

    /// <summary>The time from which the thread is due to be pruned, as <see cref="Ttl"/> says.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the row last changed.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>When its state last changed; null before the first checkpoint.</summary>
    public DateTimeOffset? StateUpdatedAt { get; init; }

    /// <summary>The key of the server that had its runs when it was read; null if none had, or if the server is alone.</summary>
    internal int? Home { get; init; }
}

namespace Weft.Runs;

/// <summary>A cron as storage keeps it: a request for a run that is repeated at the times of a schedule.</summary>
public sealed record CronRecord
{
    /// <summary>The id.</summary>
    public required CronId CronId { get; init; }

    /// <summary>The actor that the cron belongs to. Its runs act for this actor.</summary>
    public string Owner { get; init; } = "";

    /// <summary>The assistant that its runs execute.</summary>
    public required AssistantId AssistantId { get; init; }

    /// <summary>The thread of its runs; null if each run gets a new thread.</summary>
    public ThreadId? ThreadId { get; init; }

    /// <summary>The cron expression, of five fields.</summary>
    public required string Schedule { get; init; }

    /// <summary>The IANA name of the time zone of <see cref="Schedule"/>.</summary>
    public string TimeZone { get; init; } = "UTC";

    /// <summary>The last moment at which a run may be due; null means no end.</summary>
    public DateTimeOffset? EndTime { get; init; }

    /// <summary>Whether the cron creates runs.</summary>
    public bool IsEnabled { get; init; } = true;

    /// <summary>Whether the threads of runs without a <see cref="ThreadId"/> are kept when the runs have ended.</summary>
    public bool KeepsThreads { get; init; }

    /// <summary>A JSON object: the metadata of the cron, which its runs have too.</summary>
    public string Metadata { get; init; } = "{}";

    /// <summary>A JSON object in UTF-8: the request for each run.</summary>
    public required ReadOnlyMemory<byte> Payload { get; init; }

    /// <summary>
    /// A JSON object: what its runs may see of what the owner has, and the owner's permissions. Null means all of it, without
    /// permissions. It is not shown to clients.
    /// </summary>
    public string? Access { get; init; }

    /// <summary>When the next run is due; null if none is, because the cron is disabled or has ended.</summary>
    public DateTimeOffset? NextRunAt { get; init; }

    /// <summary>Incremented with each change, including each run that the cron creates.</summary>
    public long Version { get; init; }

    /// <summary>When it was created.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it last changed, apart from the runs that it created.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }
}

using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>The state of a server.</summary>
internal sealed record ServerStateResource
{
    /// <summary>The version of the server.</summary>
    [JsonPropertyName("version")]
    public required string Version { get; init; }

    /// <summary>When the process began to serve.</summary>
    [JsonPropertyName("started_at")]
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>Whether the server takes over runs that another process left.</summary>
    [JsonPropertyName("is_recovering")]
    public required bool IsRecovering { get; init; }

    /// <summary>Whether the server finishes its runs and takes no more.</summary>
    [JsonPropertyName("is_stopping")]
    public required bool IsStopping { get; init; }

    /// <summary>The runs that execute.</summary>
    [JsonPropertyName("executing_runs")]
    public required GaugeResource ExecutingRuns { get; init; }

    /// <summary>The runs that wait.</summary>
    [JsonPropertyName("waiting_runs")]
    public required GaugeResource WaitingRuns { get; init; }

    /// <summary>Those of the runs that wait for a server of the cluster that has their graph, because this one does not have it.</summary>
    [JsonPropertyName("foreign_runs")]
    public required GaugeResource ForeignRuns { get; init; }

    /// <summary>The changes that the feed keeps.</summary>
    [JsonPropertyName("feed_events")]
    public required GaugeResource FeedEvents { get; init; }

    /// <summary>The clients that read the feed.</summary>
    [JsonPropertyName("feed_readers")]
    public required GaugeResource FeedReaders { get; init; }

    /// <summary>The clients that read a stream, the feed included.</summary>
    [JsonPropertyName("stream_readers")]
    public required GaugeResource StreamReaders { get; init; }

    /// <summary>The bytes of memory that the process uses.</summary>
    [JsonPropertyName("memory_bytes")]
    public required GaugeResource MemoryBytes { get; init; }

    /// <summary>
    /// The bytes of the database. The value is null if storage does not know it, or if the caller may see only a part of the threads.
    /// </summary>
    [JsonPropertyName("storage_bytes")]
    public required SizeResource StorageBytes { get; init; }

    /// <summary>
    /// The bytes of the database whose data was removed. They are used again or returned to the disk. null as for <c>storage_bytes</c>.
    /// </summary>
    [JsonPropertyName("storage_free_bytes")]
    public required SizeResource StorageFreeBytes { get; init; }
}

/// <summary>How much of something there is.</summary>
internal sealed record GaugeResource
{
    /// <summary>How much there is now.</summary>
    [JsonPropertyName("value")]
    public required long Value { get; init; }

    /// <summary>How much there may be; null if no option limits it.</summary>
    [JsonPropertyName("limit")]
    public required long? Limit { get; init; }
}

/// <summary>How much space something takes.</summary>
internal sealed record SizeResource
{
    /// <summary>The bytes now; null if they are not shown.</summary>
    [JsonPropertyName("value")]
    public required long? Value { get; init; }

    /// <summary>The most bytes; null if no option limits them.</summary>
    [JsonPropertyName("limit")]
    public required long? Limit { get; init; }
}

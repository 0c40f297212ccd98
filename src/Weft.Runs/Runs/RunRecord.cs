using Weft.Graphs;

namespace Weft.Runs;

/// <summary>A run as storage keeps it.</summary>
public sealed record RunRecord
{
    /// <summary>The id.</summary>
    public required RunId RunId { get; init; }

    /// <summary>The thread it runs on.</summary>
    public required ThreadId ThreadId { get; init; }

    /// <summary>The run with its thread.</summary>
    public RunKey Key => new(ThreadId, RunId);

    /// <summary>The actor that the run belongs to.</summary>
    public string Owner { get; init; } = "";

    /// <summary>The assistant that it runs.</summary>
    public required AssistantId AssistantId { get; init; }

    /// <summary>The status.</summary>
    public RunStatus Status { get; init; }

    /// <summary>How many times an execution of the run has started. Each commit of an execution names its attempt.</summary>
    public int Attempt { get; init; }

    /// <summary>Its place, from 1, in the order in which the runs of its thread started; 0 before its first attempt.</summary>
    /// <remarks>
    /// It orders the logs of the runs of a thread, see <see cref="ThreadLog"/>. The run keeps it in later attempts.
    /// </remarks>
    public long StartOrder { get; init; }

    /// <summary>A JSON object.</summary>
    public string Metadata { get; init; } = "{}";

    /// <summary>The strategy it was created with.</summary>
    public MultitaskStrategy MultitaskStrategy { get; init; }

    /// <summary>A JSON object in UTF-8: the whole request, normalised; enough to execute the run again.</summary>
    public required ReadOnlyMemory<byte> Kwargs { get; init; }

    /// <summary>
    /// A JSON object: headers of the request that created the run. Only its nodes may read them. Storage removes them when
    /// the run ends. Null means no headers.
    /// </summary>
    public string? Headers { get; init; }

    /// <summary>The earliest start; null means immediately.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>Why it was cancelled or how it failed.</summary>
    public string? Error { get; init; }

    /// <summary>The tokens that its models took; null if none said, and before its end.</summary>
    public UsageByModel? Usage { get; init; }

    /// <summary>The kind of failure; null if it did not fail, or if it failed before storage kept the kind.</summary>
    public string? ErrorName { get; init; }

    /// <summary>When its first attempt started; null if none did, or if it started before storage kept the time.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it ended; null if it has not ended.</summary>
    public DateTimeOffset? EndedAt => Status is RunStatus.Pending or RunStatus.Running ? null : UpdatedAt;

    /// <summary>The first request to cancel the run; later requests do not replace it.</summary>
    public CancelRequest? CancelRequest { get; init; }

    /// <summary>The key of the server that executed it last; null if the server is alone.</summary>
    internal int? Server { get; init; }

    /// <summary>When it was created.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the row last changed.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }
}

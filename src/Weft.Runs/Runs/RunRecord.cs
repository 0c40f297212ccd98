namespace Weft.Runs;

/// <summary>A run as a store keeps it.</summary>
public sealed record RunRecord
{
    /// <summary>The id.</summary>
    public required RunId RunId { get; init; }

    /// <summary>The thread it runs on.</summary>
    public required ThreadId ThreadId { get; init; }

    /// <summary>The run with its thread.</summary>
    public RunKey Key => new(ThreadId, RunId);

    /// <summary>The actor whose run it is.</summary>
    public string Owner { get; init; } = "";

    /// <summary>The assistant that it runs.</summary>
    public required AssistantId AssistantId { get; init; }

    /// <summary>Where it stands.</summary>
    public RunStatus Status { get; init; }

    /// <summary>How many times its execution was begun. Each commit of an execution names its attempt.</summary>
    public int Attempt { get; init; }

    /// <summary>Its place, from 1, in the order in which the runs of its thread began; 0 before its first attempt.</summary>
    public long Begun { get; init; }

    /// <summary>How many of its attempts were broken off by a clean stop of their server.</summary>
    public int Released { get; init; }

    /// <summary>A JSON object.</summary>
    public string Metadata { get; init; } = "{}";

    /// <summary>The strategy it was created with.</summary>
    public MultitaskStrategy MultitaskStrategy { get; init; }

    /// <summary>A JSON object in UTF-8: the whole request, normalised; enough to execute the run again.</summary>
    public required ReadOnlyMemory<byte> Kwargs { get; init; }

    /// <summary>
    /// A JSON object: headers of the request that created it, for its nodes and for nobody else. A store forgets them when the
    /// run ends. Null where there are none.
    /// </summary>
    public string? Headers { get; init; }

    /// <summary>The earliest start; null for at once.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>Why it was cancelled or how it failed.</summary>
    public string? Error { get; init; }

    /// <summary>That it is to be cancelled, from when that was asked for; the first one to ask decides.</summary>
    public CancelRequest? CancelRequest { get; init; }

    /// <summary>When it was created.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the row last changed.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }
}

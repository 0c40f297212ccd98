namespace Weft.Runs;

/// <summary>An entry of a thread's event log.</summary>
public sealed record RunEventRecord
{
    /// <summary>Its place in the thread's log, from 1, given by the store when it is appended; 0 before.</summary>
    public long Seq { get; init; }

    /// <summary>The run that it belongs to.</summary>
    public required RunId RunId { get; init; }

    /// <summary>What kind of thing happened.</summary>
    public required RunEventCategory Category { get; init; }

    /// <summary>What happened, such as <c>human</c>, <c>ai</c>, <c>run.started</c>.</summary>
    public required string Type { get; init; }

    /// <summary>JSON in UTF-8: for a message its flat form (protocol, section F1).</summary>
    public required ReadOnlyMemory<byte> Content { get; init; }

    /// <summary>A JSON object.</summary>
    public string Metadata { get; init; } = "{}";

    /// <summary>When it happened.</summary>
    public required DateTimeOffset CreatedAt { get; init; }
}

/// <summary>The kinds of entry in a thread's event log.</summary>
public enum RunEventCategory
{
    /// <summary>A message that entered the conversation.</summary>
    Message,

    /// <summary>Something a developer may want to follow.</summary>
    Trace,

    /// <summary>A run started or ended.</summary>
    Lifecycle,
}

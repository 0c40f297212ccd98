namespace Weft.Runs;

/// <summary>An entry of a thread's event log.</summary>
public sealed record RunEventRecord
{
    /// <summary>
    /// Its position in the thread's log, from 1. Storage sets it when the entry is appended; before that it is 0.
    /// </summary>
    public long Seq { get; init; }

    /// <summary>The run of the entry.</summary>
    public required RunId RunId { get; init; }

    /// <summary>The kind of entry.</summary>
    public required RunEventCategory Category { get; init; }

    /// <summary>The type of event, such as <c>human</c>, <c>ai</c>, <c>run.started</c>.</summary>
    public required string Type { get; init; }

    /// <summary>JSON in UTF-8. For a message, its flat form (docs/protocol/messages.md F1).</summary>
    public required ReadOnlyMemory<byte> Content { get; init; }

    /// <summary>
    /// Where a checkpoint has the content: the one that the entry comes with or its parent. Null if neither has it, and in entries
    /// that are read.
    /// </summary>
    public ContentPlace? Place { get; init; }

    /// <summary>A JSON object.</summary>
    public string Metadata { get; init; } = "{}";

    /// <summary>When it happened.</summary>
    public required DateTimeOffset CreatedAt { get; init; }
}

/// <summary>The kinds of entry in a thread's event log.</summary>
public enum RunEventCategory
{
    /// <summary>A message that was added to the conversation.</summary>
    Message,

    /// <summary>A detail for developers.</summary>
    Trace,

    /// <summary>A run started or ended.</summary>
    Lifecycle,
}

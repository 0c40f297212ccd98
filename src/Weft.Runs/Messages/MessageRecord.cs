namespace Weft.Runs;

/// <summary>A message that a run added to the conversation of its thread.</summary>
public sealed record MessageRecord
{
    /// <summary>
    /// Its place among the messages of the thread, from 1. Storage sets it when the message is added; before that it is 0.
    /// </summary>
    public long Seq { get; init; }

    /// <summary>The run.</summary>
    public required RunId RunId { get; init; }

    /// <summary>The message in flat form (docs/protocol/messages.md F1), JSON in UTF-8.</summary>
    public required ReadOnlyMemory<byte> Content { get; init; }

    /// <summary>
    /// Where a checkpoint has the content: the one that the message comes with or its parent. Null if neither has it, and in
    /// messages that are read.
    /// </summary>
    public ContentPlace? Place { get; init; }

    /// <summary>When the checkpoint was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }
}

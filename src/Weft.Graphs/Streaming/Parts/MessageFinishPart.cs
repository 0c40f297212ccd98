namespace Weft.Graphs;

/// <summary>A chat message is done.</summary>
/// <param name="message">As <see cref="Message"/>.</param>
/// <param name="reason">As <see cref="Reason"/>.</param>
/// <param name="usage">As <see cref="Usage"/>.</param>
/// <param name="metadata">As <see cref="Metadata"/>.</param>
public sealed class MessageFinishPart(StreamedMessage message, string reason, LazyJson? usage, LazyJson? metadata) : StreamPart
{
    /// <inheritdoc/>
    public override StreamMode Mode => StreamMode.MessageBlocks;

    /// <summary>The message.</summary>
    public StreamedMessage Message => message;

    /// <summary>Why the model stopped, such as <c>stop</c>, <c>tool_calls</c> or <c>length</c>.</summary>
    public string Reason => reason;

    /// <summary>The tokens that it took, a JSON object as <c>usage_metadata</c> of docs/protocol/messages.md F1; null if unknown.</summary>
    public LazyJson? Usage => usage;

    /// <summary>What the provider said of the response, a JSON object; null if nothing.</summary>
    public LazyJson? Metadata => metadata;

    /// <inheritdoc/>
    public override int CostBytes =>
        ValueSize.Clamp(ValueSize.ObjectBytes + (long)(usage?.CostBytes ?? 0) + (metadata?.CostBytes ?? 0));
}

namespace Weft.Graphs;

/// <summary>Messages that the state has for the first time in this run.</summary>
/// <param name="messages">As <see cref="Messages"/>.</param>
public sealed class CompleteMessagesPart(LazyJson messages) : StreamPart
{
    /// <inheritdoc/>
    public override StreamMode Mode => StreamMode.Messages;

    /// <summary>The messages, a JSON array in the form of docs/protocol/messages.md F1.</summary>
    public LazyJson Messages => messages;

    /// <inheritdoc/>
    public override int CostBytes => messages.CostBytes;

    /// <inheritdoc/>
    public override void EncodeValues() => _ = messages.Utf8;
}

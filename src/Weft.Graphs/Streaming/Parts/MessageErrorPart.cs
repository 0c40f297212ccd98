namespace Weft.Graphs;

/// <summary>The node that made a chat message failed before the message was done.</summary>
/// <param name="message">As <see cref="Message"/>.</param>
/// <param name="text">As <see cref="Text"/>.</param>
public sealed class MessageErrorPart(StreamedMessage message, string text) : StreamPart
{
    /// <inheritdoc/>
    public override StreamMode Mode => StreamMode.MessageBlocks;

    /// <summary>The message.</summary>
    public StreamedMessage Message => message;

    /// <summary>The text of the error.</summary>
    public string Text => text;

    /// <inheritdoc/>
    public override int CostBytes => ValueSize.ObjectBytes + (2 * text.Length);
}

namespace Weft.Graphs;

/// <summary>Where a message comes from, before the first <see cref="PartialMessagePart"/> of it.</summary>
/// <param name="message">As <see cref="Message"/>.</param>
public sealed class MessageMetadataPart(StreamedMessage message) : StreamPart
{
    /// <inheritdoc/>
    public override StreamMode Mode => StreamMode.Messages;

    /// <summary>The message.</summary>
    public StreamedMessage Message => message;

    /// <inheritdoc/>
    public override int CostBytes => ValueSize.ObjectBytes + message.Source.Metadata.Length;
}

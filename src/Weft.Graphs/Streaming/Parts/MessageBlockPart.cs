namespace Weft.Graphs;

/// <summary>A content block of a chat message, or a piece of one.</summary>
/// <param name="message">As <see cref="Message"/>.</param>
/// <param name="phase">As <see cref="Phase"/>.</param>
/// <param name="index">As <see cref="Index"/>.</param>
/// <param name="content">As <see cref="Content"/>.</param>
/// <param name="data">As <see cref="Data"/>.</param>
public sealed class MessageBlockPart(
    StreamedMessage message, MessageBlockPhase phase, int index, LazyJson content, LazyJson? data = null) : StreamPart
{
    /// <inheritdoc/>
    public override StreamMode Mode => StreamMode.MessageBlocks;

    /// <summary>The message.</summary>
    public StreamedMessage Message => message;

    /// <summary>What happened.</summary>
    public MessageBlockPhase Phase => phase;

    /// <summary>The place of the block in the message, from 0.</summary>
    public int Index => index;

    /// <summary>The block or the piece, as <see cref="MessageBlockPhase"/> says: a JSON object.</summary>
    public LazyJson Content => content;

    /// <summary>
    /// The bytes of an image, audio, a video or a file: base64, a JSON string. It is the member <c>data</c> of the block or the piece,
    /// which <see cref="Content"/> does not have, so that the parts of a block share it. Null if there are none.
    /// </summary>
    public LazyJson? Data => data;

    /// <inheritdoc/>
    public override int CostBytes => ValueSize.Clamp(ValueSize.ObjectBytes + (long)content.CostBytes + (data?.CostBytes ?? 0));
}

namespace Weft.Graphs;

/// <summary>A chat message begins. Its content blocks follow one after the other.</summary>
/// <param name="message">As <see cref="Message"/>.</param>
/// <param name="role">As <see cref="Role"/>.</param>
public sealed class MessageStartPart(StreamedMessage message, string role) : StreamPart
{
    /// <inheritdoc/>
    public override StreamMode Mode => StreamMode.MessageBlocks;

    /// <summary>The message.</summary>
    public StreamedMessage Message => message;

    /// <summary><c>ai</c>, <c>human</c> or <c>system</c>.</summary>
    public string Role => role;

    /// <inheritdoc/>
    public override int CostBytes => ValueSize.ObjectBytes + message.Source.Metadata.Length;
}

namespace Weft.Server;

/// <summary>Takes the messages of a reply while they arrive, one after the other. Pieces are JSON strings with their quotes.</summary>
internal interface IReplyWriter
{
    /// <summary>Takes a piece of the reasoning, which the message has already.</summary>
    void WriteReasoning(ReplyMessage message, ReadOnlySpan<byte> json);

    /// <summary>Takes a piece of the text, which the message has already.</summary>
    void WriteText(ReplyMessage message, ReadOnlySpan<byte> json);

    /// <summary>Takes the end of a message.</summary>
    void Finish(ReplyMessage message);
}

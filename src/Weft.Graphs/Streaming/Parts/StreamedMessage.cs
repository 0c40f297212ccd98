namespace Weft.Graphs;

/// <summary>A message that is streamed. Its parts share this object.</summary>
public sealed class StreamedMessage : StreamItem
{
    /// <summary>Creates a message.</summary>
    /// <param name="id">As <see cref="Id"/>.</param>
    /// <param name="source">As <see cref="Source"/>.</param>
    public StreamedMessage(string id, MessageSource source)
    {
        Id = id;
        Source = source;
    }

    /// <summary>The id of the message: the same in all its parts, and the one that it has in the state.</summary>
    public string Id { get; }

    /// <summary>Where it comes from.</summary>
    public MessageSource Source { get; }

    /// <summary>Whether the node returned it whole, so that one part has all of it.</summary>
    public bool IsWhole { get; init; }

    /// <summary>
    /// The place of the content block that the parts continue, from 0; -1 if the stream has no blocks or a part is not text.
    /// </summary>
    public int BlockIndex { get; init; } = -1;

    /// <summary>Whether the parts differ only in a text, which stands between the two bytes of each part.</summary>
    internal bool IsText => !Before.IsEmpty;

    /// <summary>The JSON of each part before its text.</summary>
    internal ReadOnlyMemory<byte> Before { get; init; }

    /// <summary>The JSON of each part after its text.</summary>
    internal ReadOnlyMemory<byte> After { get; init; }

    /// <summary>The same message, for the parts that continue a content block.</summary>
    internal StreamedMessage InBlock(int index) => new(Id, Source) { IsWhole = IsWhole, Before = Before, After = After, BlockIndex = index };
}

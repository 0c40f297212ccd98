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

    /// <summary>Whether the parts differ only in a text, which stands between the two bytes of each part.</summary>
    internal bool IsText => !Before.IsEmpty;

    /// <summary>The JSON of each part before its text.</summary>
    internal ReadOnlyMemory<byte> Before { get; init; }

    /// <summary>The JSON of each part after its text.</summary>
    internal ReadOnlyMemory<byte> After { get; init; }
}

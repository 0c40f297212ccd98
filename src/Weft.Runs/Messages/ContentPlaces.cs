namespace Weft.Runs;

/// <summary>Finds contents in the body of a checkpoint, in the order in which the body has them.</summary>
internal sealed class ContentPlaces(CheckpointId checkpointId, ReadOnlyMemory<byte> body)
{
    /// <summary>The shortest content for which a place costs less than the content.</summary>
    public const int ContentBytesMin = 64;

    // Each costs a look through the rest of the body.
    private const int MissesMax = 4;

    private int _from;
    private int _misses;

    /// <summary>Returns the place of a content; null when the body does not have it.</summary>
    public ContentPlace? Find(ReadOnlySpan<byte> content)
    {
        if (_misses == MissesMax)
        {
            return null;
        }

        var at = body.Span[_from..].IndexOf(content);
        if (at < 0)
        {
            _misses++;
            return null;
        }

        at += _from;
        _from = at + content.Length;
        return new ContentPlace(checkpointId, at);
    }
}

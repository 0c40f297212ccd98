namespace Weft.Storage.Sqlite;

/// <summary>Finds pieces in the body of a checkpoint, in the order in which they stand there.</summary>
internal sealed class SharedPlaces(long checkpointKey, ReadOnlyMemory<byte> body)
{
    // Each costs a look through the rest of the body, on the writer's loop.
    private const int MissesMax = 4;

    private int _from;
    private int _misses;

    /// <summary>Where the piece is, counted from 1; null when it is not there.</summary>
    public (long Key, long At)? Find(ReadOnlySpan<byte> piece)
    {
        if (_misses == MissesMax)
        {
            return null;
        }

        var at = body.Span[_from..].IndexOf(piece);
        if (at < 0)
        {
            _misses++;
            return null;
        }

        at += _from;
        _from = at + piece.Length;
        return (checkpointKey, at + 1);
    }
}

namespace Weft.Graphs;

/// <summary>
/// What is stored of a checkpoint does not fit the graph as it is now: a channel has another type, or is of another
/// kind, than when it was stored. The graph as it was then can read it.
/// </summary>
public sealed class UnreadableCheckpointException(string message, Exception inner) : GraphException(message, inner)
{
    /// <summary>
    /// Decodes a part of a checkpoint, which <paramref name="part"/> names. If it fails, the value does not fit the
    /// channel, or the bytes are not those that were written.
    /// </summary>
    internal static T Decode<TState, T>(TState state, Func<TState, T> decode, Func<TState, string> part)
    {
        try
        {
            return decode(state);
        }
        catch (Exception e) when (e is not (UnreadableCheckpointException or OutOfMemoryException))
        {
            throw new UnreadableCheckpointException(
                $"{part(state)} can't be read: the graph has changed since it was stored, or the stored bytes are "
                    + $"damaged. {e.Message}",
                e);
        }
    }
}

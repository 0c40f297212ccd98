namespace Weft.Graphs;

/// <summary>
/// A stored checkpoint does not fit the current graph: a channel has another type, or is of another kind, than when the
/// checkpoint was stored. The graph of that time can read it.
/// </summary>
public sealed class UnreadableCheckpointException(string message, Exception inner) : GraphException(message, inner)
{
    /// <summary>
    /// Decodes a part of a checkpoint. <paramref name="part"/> names it for the error message. Decoding fails if the
    /// value does not fit the channel, or if the bytes are not those that were written.
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

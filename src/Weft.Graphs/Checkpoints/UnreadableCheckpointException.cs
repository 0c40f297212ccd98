namespace Weft.Graphs;

/// <summary>
/// What is stored of a checkpoint does not fit the graph as it is now: a channel has another type, or is of another kind, than
/// when it was stored. The graph as it was then can read it.
/// </summary>
public sealed class UnreadableCheckpointException(string message, Exception inner) : GraphException(message, inner)
{
    /// <summary>
    /// Decodes a part of a checkpoint, which <paramref name="part"/> names. Whatever goes wrong in that is for want of fit: the
    /// bytes are as they were written.
    /// </summary>
    internal static T Decode<TState, T>(TState state, Func<TState, T> decode, Func<TState, string> part)
    {
        try
        {
            return decode(state);
        }
        catch (Exception e) when (e is not (UnreadableCheckpointException or OutOfMemoryException))
        {
            throw new UnreadableCheckpointException($"{part(state)} can't be read, as the graph is not what it was when that was stored: {e.Message}", e);
        }
    }
}

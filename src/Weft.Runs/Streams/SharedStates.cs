using Weft.Graphs;

namespace Weft.Runs;

/// <summary>
/// Stores the states that a run streams as differences to its checkpoints, so that a state is stored only once. Not safe for
/// concurrent use.
/// </summary>
/// <param name="findHead">Returns the newest checkpoint of the thread's root graph.</param>
internal sealed class SharedStates(Func<Checkpoint?> findHead)
{
    // For smaller states, a difference costs as much as it saves.
    private const int SharedBytesMin = 256;

    // Larger differences mean that the state has moved away from its base.
    private const int DifferenceBytesUsual = 8_192;

    private StreamBase? _base;

    /// <summary>
    /// Returns the difference of a state to that of a checkpoint; null if the state is better stored as it is.
    /// </summary>
    public (string Base, ReadOnlyMemory<byte> Difference)? Share(ReadOnlySpan<byte> state)
    {
        if (state.Length < SharedBytesMin)
        {
            return null;
        }

        var taken = _base?.DifferenceTo(state);
        if ((taken is null || taken.Value.Length > DifferenceBytesUsual) && findHead() is { } head && head.Id != _base?.CheckpointId)
        {
            _base = StreamBase.Of(head);
            taken = _base.DifferenceTo(state);
        }

        return taken is { } difference && difference.Length < state.Length
            ? (_base!.CheckpointId, difference)
            : null;
    }
}

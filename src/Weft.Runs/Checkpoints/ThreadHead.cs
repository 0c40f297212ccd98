using Weft.Graphs;

namespace Weft.Runs;

/// <summary>The newest checkpoint of a thread, decoded, with the outcomes of its tasks and where it is stored.</summary>
/// <param name="Tuple">The checkpoint and the outcomes.</param>
/// <param name="State">Where its values are stored.</param>
/// <param name="Ordinal">Its number among the checkpoints of the thread.</param>
/// <param name="OutcomeBytes">How many bytes the outcomes take as they are stored.</param>
/// <param name="Revision">Counts what was learned of it since: of two with one ordinal the greater one is newer.</param>
internal sealed record ThreadHead(CheckpointTuple Tuple, StoredState State, long Ordinal, long OutcomeBytes = 0, int Revision = 0)
{
    public ChannelSchema Schema => Tuple.Checkpoint.Values.Schema;

    /// <summary>About how many bytes it takes in memory.</summary>
    public long EstimateBytes() => State.EstimateBytes() + (2 * OutcomeBytes);
}

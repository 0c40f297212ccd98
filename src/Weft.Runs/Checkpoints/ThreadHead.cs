using Weft.Graphs;

namespace Weft.Runs;

/// <summary>
/// The newest checkpoint of a thread, decoded, with the outcomes of its tasks and where it is stored.
/// </summary>
/// <param name="Tuple">The checkpoint and the outcomes.</param>
/// <param name="State">Where its values are stored.</param>
/// <param name="Ordinal">Its number among the checkpoints of the thread.</param>
/// <param name="OutcomeBytes">The stored size of the outcomes, in bytes.</param>
/// <param name="Revision">
/// The number of changes to its outcomes. Of two heads with one ordinal, the one with the greater revision is newer.
/// </param>
internal sealed record ThreadHead(CheckpointTuple Tuple, StoredState State, long Ordinal, long OutcomeBytes = 0, int Revision = 0)
{
    public ChannelSchema Schema => Tuple.Checkpoint.Values.Schema;

    /// <summary>The estimated size in memory, in bytes.</summary>
    public long EstimateBytes() => State.EstimateBytes() + (2 * OutcomeBytes);
}

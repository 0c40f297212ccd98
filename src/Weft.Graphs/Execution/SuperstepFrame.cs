namespace Weft.Graphs;

/// <summary>The data that all tasks of one superstep share.</summary>
/// <param name="Values">The state that they see.</param>
/// <param name="Step">The number of the superstep.</param>
/// <param name="CheckpointId">The checkpoint that it starts from.</param>
/// <param name="IsResuming">Whether it was begun in an earlier run.</param>
/// <param name="Unclaimed">The answer that waits for whoever asks first.</param>
internal readonly record struct SuperstepFrame(
    ChannelValues Values, int Step, string CheckpointId, bool IsResuming, UnclaimedAnswer? Unclaimed = null);

namespace Weft.Graphs;

/// <summary>The data that all tasks of one superstep share.</summary>
/// <param name="Values">The state that they see.</param>
/// <param name="Step">The number of the superstep.</param>
/// <param name="CheckpointId">The checkpoint that it starts from.</param>
/// <param name="IsResuming">Whether it was begun in an earlier run.</param>
/// <param name="Unclaimed">The answer for the first question that is asked; null if there is none.</param>
/// <param name="IsAskedAgain">Whether questions that were answered in an earlier run are open again.</param>
internal readonly record struct SuperstepFrame(
    ChannelValues Values,
    int Step,
    string CheckpointId,
    bool IsResuming,
    UnclaimedAnswer? Unclaimed = null,
    bool IsAskedAgain = false);

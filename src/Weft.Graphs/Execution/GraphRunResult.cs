namespace Weft.Graphs;

/// <summary>How a run ended that did not fail.</summary>
/// <param name="Values">The state. After a pause it has the writes of tasks that finished, which the last checkpoint
/// does not have yet.</param>
/// <param name="Interrupts">The interrupts that wait for an answer.</param>
/// <param name="IsPaused">Whether it paused, at interrupts or at a breakpoint.</param>
/// <param name="Head">The last checkpoint with the outcomes of its tasks, which show what comes next; null when the run
/// left none.</param>
public sealed record GraphRunResult(ChannelValues Values, IReadOnlyList<Interrupt> Interrupts, bool IsPaused, CheckpointTuple? Head);

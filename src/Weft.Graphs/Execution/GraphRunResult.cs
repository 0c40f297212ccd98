namespace Weft.Graphs;

/// <summary>How a run ended that did not fail.</summary>
/// <param name="Values">
/// The state. After a pause it includes the writes of finished tasks, which the last checkpoint does not include yet.
/// </param>
/// <param name="Interrupts">The interrupts that wait for an answer.</param>
/// <param name="IsPaused">Whether it paused, at interrupts or at a breakpoint.</param>
/// <param name="Head">
/// The last checkpoint with the outcomes of its tasks, which show the next tasks; null if the run stored none.
/// </param>
public sealed record GraphRunResult(ChannelValues Values, IReadOnlyList<Interrupt> Interrupts, bool IsPaused, CheckpointTuple? Head);

namespace Weft.Graphs;

/// <summary>The state of a graph after a superstep, or when the run pauses.</summary>
/// <param name="state">As <see cref="State"/>.</param>
/// <param name="interrupts">As <see cref="Interrupts"/>.</param>
/// <param name="checkpoint">As <see cref="Checkpoint"/>.</param>
public sealed class ValuesPart(LazyJson state, IReadOnlyList<Interrupt>? interrupts = null, CheckpointInfo? checkpoint = null) : StreamPart
{
    /// <inheritdoc/>
    public override StreamMode Mode => StreamMode.Values;

    /// <summary>
    /// The values of the channels as a JSON object. The state of a workflow is what it returned, any JSON.
    /// </summary>
    public LazyJson State => state;

    /// <summary>The interrupts of the pause; null if the run does not pause here.</summary>
    public IReadOnlyList<Interrupt>? Interrupts => interrupts;

    /// <summary>
    /// The newest checkpoint at this moment; null if the graph stores none. Unless the run pauses it has this state.
    /// </summary>
    public CheckpointInfo? Checkpoint => checkpoint;

    /// <inheritdoc/>
    public override int CostBytes => ValueSize.Clamp(state.CostBytes + Interrupt.EstimateBytes(interrupts));

    /// <inheritdoc/>
    public override void EncodeValues() => _ = state.Utf8;
}

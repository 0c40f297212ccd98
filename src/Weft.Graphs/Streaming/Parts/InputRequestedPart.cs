namespace Weft.Graphs;

/// <summary>A question that a node asked. The namespace is that of the graph that the node belongs to.</summary>
/// <param name="interrupt">As <see cref="Interrupt"/>.</param>
public sealed class InputRequestedPart(Interrupt interrupt) : StreamPart
{
    /// <inheritdoc/>
    public override StreamMode Mode => StreamMode.Input;

    /// <summary>The question.</summary>
    public Interrupt Interrupt => interrupt;

    /// <inheritdoc/>
    public override int CostBytes => ValueSize.Clamp(ValueSize.ObjectBytes + Interrupt.EstimateBytes([interrupt]));
}

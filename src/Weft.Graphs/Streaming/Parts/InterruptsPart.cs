namespace Weft.Graphs;

/// <summary>A pause: the questions that a task asked, or none if the run stopped at a breakpoint.</summary>
/// <param name="interrupts">As <see cref="Interrupts"/>.</param>
public sealed class InterruptsPart(IReadOnlyList<Interrupt> interrupts) : StreamPart
{
    /// <inheritdoc/>
    public override StreamMode Mode => StreamMode.Updates;

    /// <summary>The questions.</summary>
    public IReadOnlyList<Interrupt> Interrupts => interrupts;

    /// <inheritdoc/>
    public override int CostBytes => ValueSize.Clamp(ValueSize.ObjectBytes + Interrupt.EstimateBytes(interrupts));
}

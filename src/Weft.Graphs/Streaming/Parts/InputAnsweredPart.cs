namespace Weft.Graphs;

/// <summary>The questions that a run was given answers to. It comes before all that the run does with them.</summary>
/// <param name="interruptIds">As <see cref="InterruptIds"/>.</param>
public sealed class InputAnsweredPart(IReadOnlyList<string> interruptIds) : StreamPart
{
    /// <inheritdoc/>
    public override StreamMode Mode => StreamMode.Input;

    /// <summary>The ids of the interrupts.</summary>
    public IReadOnlyList<string> InterruptIds => interruptIds;

    /// <inheritdoc/>
    public override int CostBytes => ValueSize.ObjectBytes * (1 + interruptIds.Count);
}

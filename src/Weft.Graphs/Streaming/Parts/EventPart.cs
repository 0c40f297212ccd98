namespace Weft.Graphs;

/// <summary>An event of a graph, a node, a model or a tool, as LangChain's events of version 2.</summary>
/// <param name="source">As <see cref="Source"/>.</param>
/// <param name="phase">As <see cref="Phase"/>.</param>
/// <param name="value">As <see cref="Value"/>.</param>
/// <param name="input">As <see cref="Input"/>.</param>
public sealed class EventPart(EventSource source, EventPhase phase, LazyJson value, LazyJson? input = null) : StreamPart
{
    /// <inheritdoc/>
    public override StreamMode Mode => StreamMode.Events;

    /// <summary>What the events of the span have in common.</summary>
    public EventSource Source => source;

    /// <summary>What happened.</summary>
    public EventPhase Phase => phase;

    /// <summary>The data of the event, as <see cref="EventPhase"/> says.</summary>
    public LazyJson Value => value;

    /// <summary>The input of the span if the event repeats it.</summary>
    public LazyJson? Input => input;

    /// <inheritdoc/>
    public override int CostBytes => value.CostBytes + (2 * ValueSize.ObjectBytes);

    /// <inheritdoc/>
    public override void EncodeValues()
    {
        _ = value.Utf8;
        _ = input?.Utf8;
    }
}

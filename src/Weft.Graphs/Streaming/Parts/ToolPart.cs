namespace Weft.Graphs;

/// <summary>An event in the life of a tool call.</summary>
/// <param name="phase">As <see cref="Phase"/>.</param>
/// <param name="callId">As <see cref="CallId"/>.</param>
/// <param name="name">As <see cref="Name"/>.</param>
/// <param name="value">As <see cref="Value"/>.</param>
/// <param name="inputText">As <see cref="InputText"/>.</param>
/// <param name="node">As <see cref="Node"/>.</param>
public sealed class ToolPart(
    ToolPhase phase, string? callId, string name, LazyJson value, string? inputText = null, string? node = null) : StreamPart
{
    /// <inheritdoc/>
    public override StreamMode Mode => StreamMode.Tools;

    /// <summary>What happened.</summary>
    public ToolPhase Phase => phase;

    /// <summary>The id of the call; null if the model gave none.</summary>
    public string? CallId => callId;

    /// <summary>The name of the tool.</summary>
    public string Name => name;

    /// <summary>The data of the event, as <see cref="ToolPhase"/> says.</summary>
    public LazyJson Value => value;

    /// <summary>The arguments as the model wrote them, JSON text; null unless the call starts.</summary>
    public string? InputText => inputText;

    /// <summary>The name of the node that calls the tool; null if an earlier version stored the part.</summary>
    public string? Node => node;

    /// <inheritdoc/>
    public override int CostBytes => ValueSize.Clamp(ValueSize.ObjectBytes + (long)value.CostBytes + (2L * (inputText?.Length ?? 0)));

    /// <inheritdoc/>
    public override void EncodeValues() => _ = value.Utf8;
}

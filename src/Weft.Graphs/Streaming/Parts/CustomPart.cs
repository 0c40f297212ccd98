namespace Weft.Graphs;

/// <summary>What a node wrote to the stream with <see cref="NodeContext.Write"/>.</summary>
/// <param name="value">As <see cref="Value"/>.</param>
/// <param name="channel">As <see cref="Channel"/>.</param>
public sealed class CustomPart(LazyJson value, string? channel = null) : StreamPart
{
    /// <inheritdoc/>
    public override StreamMode Mode => StreamMode.Custom;

    /// <summary>The value, any JSON.</summary>
    public LazyJson Value => value;

    /// <summary>The name that readers can subscribe to; null if the node gave none.</summary>
    public string? Channel => channel;

    /// <inheritdoc/>
    public override int CostBytes => value.CostBytes;

    /// <inheritdoc/>
    public override void EncodeValues() => _ = value.Utf8;
}

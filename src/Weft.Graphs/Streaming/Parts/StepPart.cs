namespace Weft.Graphs;

/// <summary>What a durable step returned.</summary>
/// <param name="name">As <see cref="Name"/>.</param>
/// <param name="result">As <see cref="Result"/>.</param>
/// <param name="isCached">As <see cref="IsCached"/>.</param>
public sealed class StepPart(string name, LazyJson result, bool isCached) : StreamPart
{
    /// <inheritdoc/>
    public override StreamMode Mode => StreamMode.Updates;

    /// <summary>The name of the step.</summary>
    public string Name => name;

    /// <summary>The result, any JSON.</summary>
    public LazyJson Result => result;

    /// <summary>Whether the result is that of an earlier execution.</summary>
    public bool IsCached => isCached;

    /// <inheritdoc/>
    public override int CostBytes => result.CostBytes;

    /// <inheritdoc/>
    public override void EncodeValues() => _ = result.Utf8;
}

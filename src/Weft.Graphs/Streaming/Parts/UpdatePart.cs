namespace Weft.Graphs;

/// <summary>What a node wrote.</summary>
/// <param name="node">As <see cref="Node"/>.</param>
/// <param name="writes">As <see cref="Writes"/>.</param>
/// <param name="isCached">As <see cref="IsCached"/>.</param>
public sealed class UpdatePart(string node, LazyJson writes, bool isCached = false) : StreamPart
{
    /// <inheritdoc/>
    public override StreamMode Mode => StreamMode.Updates;

    /// <summary>The node.</summary>
    public string Node => node;

    /// <summary>The writes as a JSON object of channel to write; null if the node wrote nothing.</summary>
    public LazyJson Writes => writes;

    /// <summary>Whether the writes are those of an earlier execution, because the node was not executed again.</summary>
    public bool IsCached => isCached;

    /// <inheritdoc/>
    public override int CostBytes => writes.CostBytes;

    /// <inheritdoc/>
    public override void EncodeValues() => _ = writes.Utf8;
}

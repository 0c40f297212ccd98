namespace Weft.Graphs;

/// <summary>The checkpoint of the state that the next <see cref="ValuesPart"/> of the same graph shows.</summary>
/// <param name="checkpoint">As <see cref="Checkpoint"/>.</param>
public sealed class StateCheckpointPart(CheckpointInfo checkpoint) : StreamPart
{
    /// <inheritdoc/>
    public override StreamMode Mode => StreamMode.StateCheckpoints;

    /// <summary>The checkpoint.</summary>
    public CheckpointInfo Checkpoint => checkpoint;

    /// <inheritdoc/>
    public override int CostBytes => ValueSize.ObjectBytes;
}

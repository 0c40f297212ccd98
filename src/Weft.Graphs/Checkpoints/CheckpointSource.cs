namespace Weft.Graphs;

/// <summary>What made a checkpoint (docs/protocol/state.md E3).</summary>
public enum CheckpointSource
{
    /// <summary>New input arrived.</summary>
    Input,

    /// <summary>A superstep finished.</summary>
    Loop,

    /// <summary>The state was edited.</summary>
    Update,

    /// <summary>A past checkpoint was copied, to go on from there.</summary>
    Fork,
}

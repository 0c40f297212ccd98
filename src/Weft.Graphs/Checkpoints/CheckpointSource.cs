namespace Weft.Graphs;

/// <summary>The kind of change that made a checkpoint (docs/protocol/state.md E3).</summary>
public enum CheckpointSource
{
    /// <summary>New input arrived.</summary>
    Input,

    /// <summary>A superstep finished.</summary>
    Loop,

    /// <summary>The state was edited.</summary>
    Update,

    /// <summary>A past checkpoint was copied, to continue from there.</summary>
    Fork,
}

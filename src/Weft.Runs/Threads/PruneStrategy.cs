namespace Weft.Runs;

/// <summary>What becomes of a thread that is pruned (protocol, section B3).</summary>
public enum PruneStrategy
{
    /// <summary>It is removed with all that belongs to it.</summary>
    Delete,

    /// <summary>All of its checkpoints but the newest are removed.</summary>
    KeepLatest,
}

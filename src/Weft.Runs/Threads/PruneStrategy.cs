namespace Weft.Runs;

/// <summary>What pruning a thread removes (docs/protocol/threads.md B3).</summary>
public enum PruneStrategy
{
    /// <summary>The thread and all of its data.</summary>
    Delete,

    /// <summary>All checkpoints except the newest.</summary>
    KeepLatest,
}

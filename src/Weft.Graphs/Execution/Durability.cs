namespace Weft.Graphs;

/// <summary>When a run's checkpoints are kept (docs/protocol/runs.md C11).</summary>
public enum Durability
{
    /// <summary>While the next superstep runs.</summary>
    Async,

    /// <summary>Before the next superstep starts.</summary>
    Sync,

    /// <summary>Only the last one of the run.</summary>
    Exit,
}

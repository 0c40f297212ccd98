namespace Weft.Graphs;

/// <summary>Which checkpoints a graph keeps when it runs inside another graph that has a checkpointer.</summary>
public enum SubgraphPersistence
{
    /// <summary>
    /// Separate checkpoints for each call. The graph can pause and resume, and starts from the beginning at the next
    /// call.
    /// </summary>
    PerCall,

    /// <summary>
    /// Checkpoints under its node's name. The next call on the thread continues from the state that the last one left.
    /// </summary>
    PerThread,

    /// <summary>Nothing. It can't pause.</summary>
    None,
}

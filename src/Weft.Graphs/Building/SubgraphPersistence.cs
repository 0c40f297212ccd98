namespace Weft.Graphs;

/// <summary>What a graph keeps when it runs inside another one that has a checkpointer.</summary>
public enum SubgraphPersistence
{
    /// <summary>Its own checkpoints for each call: it can pause and resume, and begins afresh at the next call.</summary>
    PerCall,

    /// <summary>Checkpoints under its node's name: the next call on the thread goes on from the state that the last one left.</summary>
    PerThread,

    /// <summary>Nothing. It can't pause.</summary>
    None,
}

namespace Weft.Graphs;

/// <summary>What happened to a graph inside a node.</summary>
public enum SubgraphPhase
{
    /// <summary>It started, or continues where it paused.</summary>
    Started,

    /// <summary>It is done.</summary>
    Completed,

    /// <summary>It failed.</summary>
    Failed,

    /// <summary>It paused or was cancelled.</summary>
    Interrupted,
}

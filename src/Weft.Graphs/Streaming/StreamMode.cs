namespace Weft.Graphs;

/// <summary>What a run's stream tells (protocol, section D). Several may be asked for at once.</summary>
[Flags]
public enum StreamMode
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The whole state after each superstep.</summary>
    Values = 1,

    /// <summary>What each node wrote.</summary>
    Updates = 2,

    /// <summary>The pieces of chat messages as models make them.</summary>
    MessagesTuple = 4,

    /// <summary>What nodes write to the stream themselves.</summary>
    Custom = 8,
}

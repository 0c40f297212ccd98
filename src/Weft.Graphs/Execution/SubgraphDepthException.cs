namespace Weft.Graphs;

/// <summary>
/// Graphs run inside graphs deeper than is allowed, which mostly means that one runs itself without end.
/// </summary>
public sealed class SubgraphDepthException(int depthMax)
    : GraphException($"Graphs run inside graphs more than {depthMax} deep; does one run itself?");

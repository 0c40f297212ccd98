namespace Weft.Graphs;

/// <summary>A run took as many supersteps as it may without coming to an end.</summary>
public sealed class GraphRecursionException(int limit)
    : GraphException(
        $"Recursion limit of {limit} reached without hitting a stop condition. You can increase the limit by setting "
            + "the \"recursion_limit\" config key.");

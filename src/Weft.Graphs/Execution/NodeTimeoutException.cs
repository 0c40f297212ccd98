namespace Weft.Graphs;

/// <summary>A node took longer than its <see cref="NodeOptions.Timeout"/> allows.</summary>
public sealed class NodeTimeoutException(string node, TimeSpan timeout)
    : GraphException($"The node '{node}' took longer than {timeout.TotalMilliseconds} ms.");

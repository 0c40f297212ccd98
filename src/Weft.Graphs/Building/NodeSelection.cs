namespace Weft.Graphs;

/// <summary>Some nodes of a graph, or all of them (<c>"*"</c> on the wire).</summary>
public sealed class NodeSelection
{
    private readonly HashSet<string>? _names;

    private NodeSelection(HashSet<string>? names) => _names = names;

    /// <summary>No node.</summary>
    public static NodeSelection None { get; } = new([]);

    /// <summary>Every node.</summary>
    public static NodeSelection All { get; } = new(null);

    /// <summary>Whether it is <see cref="All"/>.</summary>
    public bool IsAll => _names is null;

    /// <summary>The selected names; empty for <see cref="All"/>.</summary>
    public IReadOnlyCollection<string> Names => _names ?? [];

    /// <summary>Selects nodes by name.</summary>
    public static NodeSelection Of(params IEnumerable<string> names) => new([.. names]);

    /// <summary>Whether the node is selected.</summary>
    public bool Contains(string node) => _names is null || _names.Contains(node);
}

namespace Weft.Graphs;

/// <summary>The conditions of a list of namespaces.</summary>
public sealed record NamespaceQuery
{
    /// <summary>The first hundred.</summary>
    public static NamespaceQuery Default { get; } = new();

    /// <summary>The labels with which they begin. <c>*</c> matches any one label.</summary>
    public ItemNamespace Prefix { get; init; } = ItemNamespace.Root;

    /// <summary>The labels with which they end. <c>*</c> matches any one label.</summary>
    public ItemNamespace Suffix { get; init; } = ItemNamespace.Root;

    /// <summary>A condition on whole namespaces; null means none. See <see cref="ItemQuery.Where"/>.</summary>
    public Func<ItemNamespace, bool>? Where { get; init; }

    /// <summary>
    /// The number of labels to return of each; null means all. Namespaces that are then equal are returned once.
    /// </summary>
    public int? MaxDepth
    {
        get;
        init
        {
            if (value is { } depth)
            {
                ArgumentOutOfRangeException.ThrowIfNegativeOrZero(depth, nameof(value));
            }

            field = value;
        }
    }

    /// <summary>The greatest number of namespaces. Default: 100.</summary>
    public int Limit
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            field = value;
        }
    } = 100;

    /// <summary>The number of namespaces to skip. Default: 0.</summary>
    public int Offset
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            field = value;
        }
    }

    /// <summary>Returns the page of the namespaces that have items.</summary>
    /// <param name="namespaces">
    /// All namespaces that may match, each once, in the order of their paths. It is only read as far as the page needs.
    /// </param>
    public IReadOnlyList<ItemNamespace> Page(IEnumerable<ItemNamespace> namespaces) =>
        [.. Shorten(namespaces.Where(Matches)).Skip(Offset).Take(Limit)];

    private bool Matches(ItemNamespace ns) => ns.Begins(Prefix) && ns.Ends(Suffix) && Where?.Invoke(ns) != false;

    /// <summary>
    /// Returns each shortened namespace once. Equal ones are adjacent, because paths are ordered from their beginning.
    /// </summary>
    private IEnumerable<ItemNamespace> Shorten(IEnumerable<ItemNamespace> namespaces)
    {
        ItemNamespace? last = null;
        foreach (var ns in namespaces)
        {
            var next = ns.Take(MaxDepth ?? ns.Count);
            if (!next.Equals(last))
            {
                yield return last = next;
            }
        }
    }
}

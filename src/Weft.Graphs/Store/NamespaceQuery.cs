namespace Weft.Graphs;

/// <summary>Which namespaces to list.</summary>
public sealed record NamespaceQuery
{
    /// <summary>The first hundred.</summary>
    public static NamespaceQuery Default { get; } = new();

    /// <summary>The labels that they begin with, of which <c>*</c> stands for any one label.</summary>
    public ItemNamespace Prefix { get; init; } = ItemNamespace.Root;

    /// <summary>The labels that they end with, of which <c>*</c> stands for any one label.</summary>
    public ItemNamespace Suffix { get; init; } = ItemNamespace.Root;

    /// <summary>How many labels of each to return, those that are then the same as one; null: all.</summary>
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

    /// <summary>The most namespaces. Default: 100.</summary>
    public int Limit
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            field = value;
        }
    } = 100;

    /// <summary>How many to pass over. Default: none.</summary>
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
    /// <param name="namespaces">All that may match, each once, in the order of their paths. It is read no further than
    /// the page needs.</param>
    public IReadOnlyList<ItemNamespace> Page(IEnumerable<ItemNamespace> namespaces) =>
        [.. Shorten(namespaces.Where(ns => ns.Begins(Prefix) && ns.Ends(Suffix))).Skip(Offset).Take(Limit)];

    /// <summary>
    /// Those that are the same when shortened follow upon each other, since a path orders by its beginning.
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

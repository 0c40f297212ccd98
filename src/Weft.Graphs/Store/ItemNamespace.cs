using System.Collections;
using System.Runtime.CompilerServices;

namespace Weft.Graphs;

/// <summary>
/// The namespace of items: labels from the general to the special, such as <c>["users", "u1"]</c>. Two namespaces with
/// the same labels are equal. It can be written as a collection expression.
/// </summary>
[CollectionBuilder(typeof(ItemNamespace), nameof(Create))]
public sealed class ItemNamespace : IReadOnlyList<string>, IEquatable<ItemNamespace>
{
    /// <summary>The label that matches any one label when namespaces are listed.</summary>
    public const string AnyLabel = "*";

    private const char Separator = '.';
    private const string ReservedRoot = "langgraph";

    private readonly string[] _labels;

    private ItemNamespace(string[] labels, string path)
    {
        _labels = labels;
        Path = path;
    }

    /// <summary>The namespace without labels, with which every namespace begins.</summary>
    public static ItemNamespace Root { get; } = new([], "");

    /// <inheritdoc />
    public int Count => _labels.Length;

    /// <summary>
    /// Each label with a <c>.</c> after it. A namespace begins with these labels exactly if its path begins with this
    /// text.
    /// </summary>
    public string Path { get; }

    /// <inheritdoc />
    public string this[int index] => _labels[index];

    /// <summary>Makes the namespace of the labels.</summary>
    /// <exception cref="InvalidItemException">A label is empty or has a <c>.</c> in it.</exception>
    public static ItemNamespace Create(params ReadOnlySpan<string> labels)
    {
        if (labels.IsEmpty)
        {
            return Root;
        }

        foreach (var label in labels)
        {
            if (string.IsNullOrEmpty(label))
            {
                throw new InvalidItemException("namespace", "A label of a namespace is not empty.");
            }

            if (label.Contains(Separator, StringComparison.Ordinal))
            {
                throw new InvalidItemException("namespace", $"The label '{label}' has a '.' in it, which stands between labels.");
            }
        }

        return new ItemNamespace(labels.ToArray(), string.Concat(string.Join(Separator, labels), "."));
    }

    /// <summary>Returns the namespace of a <see cref="Path"/>.</summary>
    public static ItemNamespace FromPath(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return path.Length == 0 ? Root : new ItemNamespace(path[..^1].Split(Separator), path);
    }

    /// <summary>Whether it begins with these labels. <see cref="AnyLabel"/> matches any one label.</summary>
    public bool Begins(ItemNamespace labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        return Has(labels, 0);
    }

    /// <summary>Whether it ends with these labels. <see cref="AnyLabel"/> matches any one label.</summary>
    public bool Ends(ItemNamespace labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        return Has(labels, Count - labels.Count);
    }

    /// <summary>Returns the namespace of its first labels, at most <paramref name="depth"/> of them.</summary>
    public ItemNamespace Take(int depth) => depth >= Count ? this : Create(_labels.AsSpan(0, depth));

    /// <inheritdoc />
    public IEnumerator<string> GetEnumerator() => _labels.AsEnumerable().GetEnumerator();

    /// <inheritdoc />
    IEnumerator IEnumerable.GetEnumerator() => _labels.GetEnumerator();

    /// <inheritdoc />
    public bool Equals(ItemNamespace? other) => other is not null && Path == other.Path;

    /// <inheritdoc />
    public override bool Equals(object? obj) => Equals(obj as ItemNamespace);

    /// <inheritdoc />
    public override int GetHashCode() => Path.GetHashCode(StringComparison.Ordinal);

    /// <summary>Returns the labels with dots between them.</summary>
    public override string ToString() => string.Join(Separator, _labels);

    /// <summary>Checks that items may be put here.</summary>
    internal void CheckPut()
    {
        if (Count == 0)
        {
            throw new InvalidItemException("namespace", "The namespace of an item has at least one label.");
        }

        if (_labels[0] == ReservedRoot)
        {
            throw new InvalidItemException("namespace", $"The first label of a namespace is not '{ReservedRoot}', which is reserved.");
        }
    }

    private bool Has(ItemNamespace labels, int at)
    {
        if (at < 0 || at + labels.Count > Count)
        {
            return false;
        }

        for (var i = 0; i < labels.Count; i++)
        {
            if (labels[i] != AnyLabel && labels[i] != this[at + i])
            {
                return false;
            }
        }

        return true;
    }
}

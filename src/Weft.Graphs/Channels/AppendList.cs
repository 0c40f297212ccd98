using System.Collections;

namespace Weft.Graphs;

/// <summary>
/// An immutable list. The cost of <see cref="Append"/> is that of the appended items, because the newest list of a
/// family shares its storage with all lists that it grew from. Appending to an older list copies it.
/// </summary>
internal sealed class AppendList<T> : IReadOnlyList<T>
{
    public static readonly AppendList<T> Empty = new([]);

    private readonly Storage _storage;

    public AppendList(T[] items)
    {
        _storage = new Storage { Items = items, Used = items.Length };
        Count = items.Length;
    }

    private AppendList(Storage storage, int count)
    {
        _storage = storage;
        Count = count;
    }

    public int Count { get; }

    public T this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
            return _storage.Items[index];
        }
    }

    public ReadOnlySpan<T> Span => _storage.Items.AsSpan(0, Count);

    /// <summary>Returns the list with <paramref name="items"/> at its end.</summary>
    public AppendList<T> Append(IReadOnlyList<T> items)
    {
        if (items.Count == 0)
        {
            return this;
        }

        lock (_storage)
        {
            if (_storage.Used == Count && Count > 0)
            {
                _storage.Grow(items);
                return new AppendList<T>(_storage, Count + items.Count);
            }
        }

        var copy = new T[Math.Max(4, Count + items.Count)];
        Span.CopyTo(copy);
        var storage = new Storage { Items = copy, Used = Count };
        storage.Grow(items);
        return new AppendList<T>(storage, Count + items.Count);
    }

    /// <summary>
    /// Whether <paramref name="newer"/> is this list with items appended. Only shared storage is compared, so false
    /// does not mean that it is not.
    /// </summary>
    public bool IsPrefixOf(AppendList<T> newer) => ReferenceEquals(_storage, newer._storage) && Count <= newer.Count;

    public IEnumerator<T> GetEnumerator()
    {
        for (var i = 0; i < Count; i++)
        {
            yield return _storage.Items[i];
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>
    /// Items past a list's count belong to lists that grew from it. An array is replaced when full, never rewritten
    /// below its used part.
    /// </summary>
    private sealed class Storage
    {
        public required T[] Items { get; set; }

        public required int Used { get; set; }

        public void Grow(IReadOnlyList<T> items)
        {
            if (Used + items.Count > Items.Length)
            {
                var larger = new T[Math.Max(Items.Length * 2, Used + items.Count)];
                Items.AsSpan(0, Used).CopyTo(larger);
                Items = larger;
            }

            for (var i = 0; i < items.Count; i++)
            {
                Items[Used + i] = items[i];
            }

            Used += items.Count;
        }
    }
}

namespace Weft.Graphs;

/// <summary>
/// Reads a window of a list channel of a stored checkpoint, and finds the checkpoint and the node that brought each item. It reads only
/// the bodies from the checkpoint back to the oldest one that has an item of the window.
/// </summary>
/// <param name="channel">The name of the channel.</param>
/// <param name="headId">The id of the checkpoint.</param>
/// <param name="readRange">Reads the bodies to which the checkpoint refers.</param>
/// <param name="findParent">
/// Finds the ordinal of a checkpoint's parent: 0 if the checkpoint is the first, null if its parent was removed.
/// </param>
internal sealed class ItemOrigins(
    string channel, string headId, ReadBodies readRange, Func<long, CancellationToken, ValueTask<long?>> findParent)
{
    private const int FirstRange = 32;
    private const int RangeMax = 512;

    // Limits the work for a graph that often replaces its whole list.
    private const int WholesMax = 16;

    private readonly Dictionary<long, StoredBody> _bodies = [];
    private readonly Dictionary<long, ItemWriter> _writers = [];
    private int _wholes;
    private int _range = FirstRange;

    /// <summary>Adds a body that was read already.</summary>
    public void Add(StoredBody body) => _bodies[body.Ordinal] = body;

    /// <summary>Returns the list as one body has it; null if the channel has no value.</summary>
    public async ValueTask<StoredList?> FindAsync(long ordinal, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (ChannelEntry.Find(await BodyAsync(ordinal, cancellationToken), channel) is not { } entry)
            {
                return null;
            }

            if (entry.Reference == 0)
            {
                var input = entry.Input is { } piece ? piece.In((await BodyAsync(piece.Ordinal, cancellationToken)).Body) : default;
                return new StoredList(ordinal, entry, input);
            }

            ordinal = entry.Reference;
        }
    }

    /// <summary>Returns the items from one index to another, which is not included.</summary>
    /// <param name="list">The list.</param>
    /// <param name="from">The first index.</param>
    /// <param name="to">The index after the last one.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<ItemOrigin[]> ReadAsync(StoredList list, int from, int to, CancellationToken cancellationToken)
    {
        var found = new ItemOrigin[to - from];
        var left = Enumerable.Range(from, to - from).ToList();
        while (left.Count > 0)
        {
            if (list.Base == 0)
            {
                await ReadWholeAsync(list, left, found, from, cancellationToken);
                break;
            }

            var older = await FindAsync(list.Base, cancellationToken)
                ?? throw new InvalidDataException($"The checkpoint with ordinal {list.Base} has no value that others refer to.");
            await ReadAddedAsync(list, older, left.FindAll(index => index >= list.Kept), found, from, cancellationToken);
            foreach (var index in left)
            {
                if (list.TryFindReplaced(index, out var json))
                {
                    found[index - from] = new ItemOrigin(json, list.Ordinal, await NodeAsync(list, -1, json, cancellationToken));
                }
            }

            left.RemoveAll(index => index >= list.Kept || list.TryFindReplaced(index, out _));
            list = older;
        }

        return found;
    }

    /// <summary>Reads items that a difference appends. After a removal, some of them are older.</summary>
    private async Task ReadAddedAsync(
        StoredList list, StoredList older, List<int> indexes, ItemOrigin[] found, int from, CancellationToken cancellationToken)
    {
        var moved = indexes.Count == 0 || older.Count == list.Kept
            ? []
            : await ReadAsync(older, list.Kept, older.Count, cancellationToken);
        foreach (var index in indexes)
        {
            var json = list.Added[index - list.Kept];
            found[index - from] = await OriginAsync(list, index - list.Kept, json, moved, cancellationToken);
        }
    }

    /// <summary>
    /// Reads items of a list that is stored whole: it is the first one, or the differences became too long, or were removed.
    /// </summary>
    private async Task ReadWholeAsync(
        StoredList list, List<int> indexes, ItemOrigin[] found, int from, CancellationToken cancellationToken)
    {
        var parent = ++_wholes <= WholesMax ? await findParent(list.Ordinal, cancellationToken) : null;
        var older = parent > 0 ? await FindAsync(parent.Value, cancellationToken) : null;
        var known = older is null ? [] : await ReadAsync(older, 0, older.Count, cancellationToken);
        foreach (var index in indexes)
        {
            var json = list.Added[index];
            found[index - from] = parent is null
                ? new ItemOrigin(json, 0, null)
                : await OriginAsync(list, index, json, known, cancellationToken);
        }
    }

    private async ValueTask<ItemOrigin> OriginAsync(
        StoredList list, int position, ReadOnlyMemory<byte> json, ItemOrigin[] older, CancellationToken cancellationToken)
    {
        foreach (var item in older)
        {
            if (item.Json.Span.SequenceEqual(json.Span))
            {
                return item;
            }
        }

        return new ItemOrigin(json, list.Ordinal, await NodeAsync(list, position, json, cancellationToken));
    }

    private async ValueTask<string?> NodeAsync(
        StoredList list, int position, ReadOnlyMemory<byte> json, CancellationToken cancellationToken)
    {
        if (list.IsInput)
        {
            return StateGraph.Start;
        }

        if (!_writers.TryGetValue(list.Ordinal, out var writer))
        {
            _writers[list.Ordinal] = writer = new ItemWriter(await BodyAsync(list.Ordinal, cancellationToken), channel);
        }

        return writer.OnlyNode is { } only ? only : await findParent(list.Ordinal, cancellationToken) is { } parent and > 0
            ? writer.Find(await BodyAsync(parent, cancellationToken), position, json)
            : null;
    }

    private async ValueTask<StoredBody> BodyAsync(long ordinal, CancellationToken cancellationToken)
    {
        if (!_bodies.TryGetValue(ordinal, out var body))
        {
            foreach (var read in await readRange(headId, Math.Max(1, ordinal - _range + 1), ordinal, cancellationToken))
            {
                _bodies.TryAdd(read.Ordinal, read);
            }

            _range = Math.Min(RangeMax, _range * 2);
            if (!_bodies.TryGetValue(ordinal, out body))
            {
                throw new InvalidDataException($"The checkpoint with ordinal {ordinal} is not stored.");
            }
        }

        return body;
    }
}

namespace Weft.Graphs;

/// <summary>
/// Finds the items of a window of a list channel of a stored checkpoint, and the checkpoint and the node that brought each. It reads
/// only the bodies from the checkpoint back to the oldest one that has an item of the window, and keeps few of them at a time: the items
/// are read again when they are needed.
/// </summary>
/// <param name="channel">The name of the channel.</param>
/// <param name="headId">The id of the checkpoint.</param>
/// <param name="readRange">Reads the bodies to which the checkpoint refers.</param>
/// <param name="findParent">
/// Finds the ordinal of a checkpoint's parent: 0 if the checkpoint is the first, null if its parent was removed.
/// </param>
/// <param name="findBytes">Returns the number of bytes of a body; null if the body is not stored.</param>
internal sealed class ItemOrigins(
    string channel,
    string headId,
    ReadBodies readRange,
    Func<long, CancellationToken, ValueTask<long?>> findParent,
    Func<long, CancellationToken, ValueTask<int?>> findBytes)
{
    // Bodies are read in ranges that have so many bytes, or one if that has more.
    private const long BytesAtOnce = 4_000_000;

    private const int FirstRange = 32;
    private const int RangeMax = 512;

    // Limits the work for a graph that often replaces its whole list.
    private const int WholesMax = 16;

    private readonly Dictionary<long, StoredBody> _bodies = [];
    private (long Ordinal, ItemWriter Writer)? _writer;
    private long _bytes;
    private int _wholes;
    private int _range = FirstRange;

    /// <summary>Adds a body that was read already.</summary>
    public void Add(StoredBody body)
    {
        if (_bodies.TryAdd(body.Ordinal, body))
        {
            _bytes += body.Body.Length;
        }
    }

    /// <summary>Returns the list as one body has it; null if the channel has no value.</summary>
    public async ValueTask<StoredList?> FindAsync(long ordinal, CancellationToken cancellationToken)
    {
        while (true)
        {
            var body = await BodyAsync(ordinal, cancellationToken);
            if (ChannelEntry.Find(body, channel) is not { } entry)
            {
                return null;
            }

            if (entry.Reference == 0)
            {
                var input = entry.Input is { } piece ? piece.In((await BodyAsync(piece.Ordinal, cancellationToken)).Body) : default;
                return new StoredList(body, entry, input);
            }

            ordinal = entry.Reference;
        }
    }

    /// <summary>Finds the items from one index to another, which is not included.</summary>
    /// <param name="list">The list.</param>
    /// <param name="from">The first index.</param>
    /// <param name="to">The index after the last one.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<ItemOrigin[]> FindItemsAsync(StoredList list, int from, int to, CancellationToken cancellationToken)
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
                    var node = await NodeAsync(list, -1, json, cancellationToken);
                    found[index - from] = new ItemOrigin(list.PieceOf(json), ItemOrigin.HashOf(json.Span), list.Ordinal, node);
                }
            }

            left.RemoveAll(index => index >= list.Kept || list.TryFindReplaced(index, out _));
            list = older;
        }

        return found;
    }

    /// <summary>Reads an item that was found; null if its body was removed or rewritten since.</summary>
    public async ValueTask<ReadOnlyMemory<byte>?> ReadItemAsync(ItemOrigin item, CancellationToken cancellationToken)
    {
        var ordinal = item.Piece.Ordinal;
        if (!_bodies.ContainsKey(ordinal))
        {
            // Items that follow are mostly in the bodies that follow.
            var to = ordinal;
            var bytes = await findBytes(ordinal, cancellationToken);
            while (to - ordinal < RangeMax && await findBytes(to + 1, cancellationToken) is { } more && (bytes += more) <= BytesAtOnce)
            {
                to++;
            }

            await ReadBodiesAsync(ordinal, to, cancellationToken);
        }

        return _bodies.TryGetValue(ordinal, out var body)
            && item.Piece.Start + item.Piece.Length <= body.Body.Length
            && item.Piece.In(body.Body) is var json
            && ItemOrigin.HashOf(json.Span) == item.Hash
                ? json
                : null;
    }

    /// <summary>Reads items that a difference appends. After a removal, some of them are older.</summary>
    private async Task ReadAddedAsync(
        StoredList list, StoredList older, List<int> indexes, ItemOrigin[] found, int from, CancellationToken cancellationToken)
    {
        var moved = indexes.Count == 0 || older.Count == list.Kept
            ? []
            : await FindItemsAsync(older, list.Kept, older.Count, cancellationToken);
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
        var known = older is null ? [] : await FindItemsAsync(older, 0, older.Count, cancellationToken);
        foreach (var index in indexes)
        {
            var json = list.Added[index];
            found[index - from] = parent is null
                ? new ItemOrigin(list.PieceOf(json), ItemOrigin.HashOf(json.Span), 0, null)
                : await OriginAsync(list, index, json, known, cancellationToken);
        }
    }

    private async ValueTask<ItemOrigin> OriginAsync(
        StoredList list, int position, ReadOnlyMemory<byte> json, ItemOrigin[] older, CancellationToken cancellationToken)
    {
        var hash = ItemOrigin.HashOf(json.Span);
        foreach (var item in older)
        {
            if (item.Hash == hash)
            {
                return item;
            }
        }

        return new ItemOrigin(list.PieceOf(json), hash, list.Ordinal, await NodeAsync(list, position, json, cancellationToken));
    }

    private async ValueTask<string?> NodeAsync(
        StoredList list, int position, ReadOnlyMemory<byte> json, CancellationToken cancellationToken)
    {
        if (list.IsInput)
        {
            return StateGraph.Start;
        }

        var writer = _writer is { } last && last.Ordinal == list.Ordinal ? last.Writer : new ItemWriter(list.Body, channel);
        _writer = (list.Ordinal, writer);
        return writer.OnlyNode is { } only ? only : await findParent(list.Ordinal, cancellationToken) is { } parent and > 0
            ? writer.Find(await BodyAsync(parent, cancellationToken), position, json)
            : null;
    }

    private async ValueTask<StoredBody> BodyAsync(long ordinal, CancellationToken cancellationToken)
    {
        if (!_bodies.TryGetValue(ordinal, out var body))
        {
            var from = ordinal;
            var bytes = await findBytes(ordinal, cancellationToken);
            while (from > 1
                && ordinal - from + 1 < _range
                && await findBytes(from - 1, cancellationToken) is { } more
                && (bytes += more) <= BytesAtOnce)
            {
                from--;
            }

            await ReadBodiesAsync(from, ordinal, cancellationToken);
            _range = Math.Min(RangeMax, _range * 2);
            if (!_bodies.TryGetValue(ordinal, out body))
            {
                throw new InvalidDataException($"The checkpoint with ordinal {ordinal} is not stored.");
            }
        }

        return body;
    }

    private async Task ReadBodiesAsync(long from, long to, CancellationToken cancellationToken)
    {
        if (_bytes >= BytesAtOnce)
        {
            _bodies.Clear();
            _bytes = 0;
        }

        foreach (var body in await readRange(headId, from, to, cancellationToken))
        {
            Add(body);
        }
    }
}

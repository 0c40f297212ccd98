using System.Buffers;
using System.Runtime.InteropServices;

namespace Weft.Graphs;

/// <summary>
/// Reads stored checkpoints of one thread and namespace, and those that they refer to. Values that were read once are
/// cached.
/// </summary>
/// <param name="schema">The channels.</param>
/// <param name="readRange">Reads the bodies to which a checkpoint refers.</param>
internal sealed class CheckpointDecoder(ChannelSchema schema, ReadBodies readRange)
{
    // The values along a chain are those of the earlier checkpoints. Some are cached, and those after a large
    // difference always, because they share the items before it, and reading it again costs more than caching.
    private const int LinksBetweenKept = 64;
    private const int LargeLinkBytes = 4 * 1024;

    // A body of up to this size may stay in memory, whatever refers to it.
    private const int SharedBytesMax = 16 * 1024;

    private readonly Dictionary<long, StoredBody> _decoded = [];
    private readonly List<IReadOnlyList<StoredBody>> _ranges = [];
    private readonly Dictionary<(int Channel, long Ordinal), (object Value, ValueLocation Location)> _values = [];
    private readonly ArrayBufferWriter<byte> _joined = new();
    private string _checkpointId = "";
    private ChannelSchema _schema = schema;

    /// <summary>The channels.</summary>
    public ChannelSchema Schema => _schema;

    /// <summary>
    /// The number of bytes of bodies and decoded values that are cached for the checkpoints that follow.
    /// </summary>
    public long KeptBytes { get; private set; }

    /// <summary>The number of those bytes that the first checkpoint needed.</summary>
    public long FirstBytes { get; private set; }

    /// <summary>Decodes a checkpoint.</summary>
    /// <exception cref="UnreadableCheckpointException">It does not fit the channels, or its bytes are damaged.</exception>
    /// <exception cref="InvalidDataException">
    /// A checkpoint that it refers to is not stored: the data is damaged, or the checkpoint was removed after it had
    /// been read.
    /// </exception>
    public async ValueTask<(Checkpoint Checkpoint, StoredState State)> DecodeAsync(
        StoredCheckpoint stored, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(stored);
        if (!TryFind(stored.Ordinal, out var body))
        {
            _decoded[stored.Ordinal] = body = new StoredBody(stored.Ordinal, stored.Body);
            KeptBytes += stored.Body.Length;
        }

        _checkpointId = stored.Id;
        if (_schema.IsOpen)
        {
            _schema = _schema.With(UnreadableCheckpointException.Decode(
                stored, static stored => CheckpointCodec.ReadChannels(stored).ToArray(), static stored => $"Checkpoint {stored.Id}"));
        }

        var values = _schema.Initial.Span.ToArray();
        var locations = new ValueLocation[values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            if (Find(body, i) is { } entry)
            {
                (values[i], locations[i]) = await ReadAsync(i, entry, stored.Ordinal, cancellationToken);
            }
        }

        var (checkpoint, bytesBefore) = UnreadableCheckpointException.Decode(
            (schema: _schema, stored, values),
            static s =>
            {
                var frame = GraphJson.Parse(s.stored.Body.Span);
                var checkpoint = CheckpointCodec.ReadFrame(s.schema, s.stored, frame, new ChannelValues(s.schema, s.values));
                return (checkpoint, CheckpointCodec.ReadBytesBefore(frame));
            },
            static s => $"Checkpoint {s.stored.Id}");
        FirstBytes = FirstBytes == 0 ? KeptBytes : FirstBytes;
        return (checkpoint, new StoredState(checkpoint, body, locations, bytesBefore));
    }

    private async ValueTask<(object Value, ValueLocation Location)> ReadAsync(
        int channel, ChannelEntry entry, long ordinal, CancellationToken cancellationToken)
    {
        while (entry.Reference > 0)
        {
            ordinal = entry.Reference;
            entry = await EntryAsync(channel, ordinal, cancellationToken);
        }

        // A chain may have thousands of links, and allocating such an array each time is too expensive.
        var chain = ArrayPool<ChannelEntry>.Shared.Rent(entry.Location.ChainLength);
        try
        {
            return await ReadAsync(channel, entry, ordinal, chain, cancellationToken);
        }
        finally
        {
            ArrayPool<ChannelEntry>.Shared.Return(chain, clearArray: true);
        }
    }

    private async ValueTask<(object Value, ValueLocation Location)> ReadAsync(
        int channel, ChannelEntry entry, long ordinal, ChannelEntry[] chain, CancellationToken cancellationToken)
    {
        // Goes from the newest difference back to a value that is whole or cached, then forward again.
        var links = 0;
        (object Value, ValueLocation Location) found;
        while (!_values.TryGetValue((channel, ordinal), out found))
        {
            if (entry is { Reference: 0, Base: 0 })
            {
                var json = await JsonAsync(entry, cancellationToken);
                found = (Decode(channel, json, static (channel, json) => channel.ReadStored(json)), entry.Location);
                _values[(channel, ordinal)] = found;
                KeptBytes += entry.Location.ChainBytes;
                break;
            }

            if (entry.Reference > 0)
            {
                ordinal = entry.Reference;
            }
            else
            {
                chain[links++] = entry;
                if (!TryFind(entry.Location.ChainStart, out _) || !TryFind(entry.Base, out _))
                {
                    // The whole chain is read at once, because one query for each link would be slow.
                    await ReadRangeAsync(entry.Location.ChainStart, ordinal, cancellationToken);
                }

                ordinal = entry.Base;
            }

            entry = await EntryAsync(channel, ordinal, cancellationToken);
        }

        while (links > 0)
        {
            var link = chain[--links];
            var from = found.Value;
            var json = await JsonAsync(link, cancellationToken);
            found = (Decode(channel, (from, json), static (channel, s) => channel.ApplyDelta(s.from, s.json)), link.Location);
            if (links % LinksBetweenKept == 0 || json.Length >= LargeLinkBytes)
            {
                _values[(channel, link.Location.Ordinal)] = found;
                KeptBytes += json.Length;
            }
        }

        return found;
    }

    private object Decode<TState>(
        int channel, TState state, Func<StateChannel, TState, object> decode) => UnreadableCheckpointException.Decode(
        (channel: _schema.Channels[channel], state, decode, _checkpointId),
        static s => s.decode(s.channel, s.state),
        static s => $"The channel '{s.channel.Name}' of checkpoint {s._checkpointId}");

    /// <summary>Returns the value or difference of an entry as JSON, which is valid until the next call.</summary>
    private async ValueTask<ReadOnlyMemory<byte>> JsonAsync(ChannelEntry entry, CancellationToken cancellationToken)
    {
        if (entry.Input is not { } input)
        {
            return Alone(entry.Json);
        }

        var brought = input.In((await BodyAsync(input.Ordinal, cancellationToken)).Body);
        if (entry.Base == 0)
        {
            return brought;
        }

        _joined.ResetWrittenCount();
        StoredPiece.Join(_joined, entry.Json.Span, brought.Span);
        return _joined.WrittenMemory;
    }

    /// <summary>
    /// Messages keep the bytes that they were read from. A few of them must not keep the rest of a large body in
    /// memory.
    /// </summary>
    private static ReadOnlyMemory<byte> Alone(ReadOnlyMemory<byte> json) =>
        MemoryMarshal.TryGetArray(json, out var part) && part.Array!.Length > SharedBytesMax && part.Count < part.Array.Length / 2
            ? json.ToArray()
            : json;

    private async ValueTask<ChannelEntry> EntryAsync(int channel, long ordinal, CancellationToken cancellationToken) =>
        Find(await BodyAsync(ordinal, cancellationToken), channel) ?? throw NotStored(ordinal);

    private ChannelEntry? Find(StoredBody body, int channel) => UnreadableCheckpointException.Decode(
        (body, _schema.Channels[channel].Name),
        static s => ChannelEntry.Find(s.body, s.Name),
        static s => $"The checkpoint with ordinal {s.body.Ordinal}");

    private ValueTask<StoredBody> BodyAsync(long ordinal, CancellationToken cancellationToken) =>
        TryFind(ordinal, out var body) ? new(body) : FetchAsync(ordinal, cancellationToken);

    private async ValueTask<StoredBody> FetchAsync(long ordinal, CancellationToken cancellationToken)
    {
        await ReadRangeAsync(ordinal, ordinal, cancellationToken);
        return TryFind(ordinal, out var body) ? body : throw NotStored(ordinal);
    }

    private async ValueTask ReadRangeAsync(long from, long to, CancellationToken cancellationToken)
    {
        var range = await readRange(_checkpointId, from, to, cancellationToken);
        _ranges.Add(range);
        KeptBytes += range.Sum(body => (long)body.Body.Length);
    }

    private bool TryFind(long ordinal, out StoredBody body)
    {
        foreach (var range in _ranges)
        {
            if (range.Count == 0 || ordinal < range[0].Ordinal || ordinal > range[^1].Ordinal)
            {
                continue;
            }

            // Ordinals in a range are nearly always consecutive.
            var at = (int)Math.Min(ordinal - range[0].Ordinal, range.Count - 1);
            while (range[at].Ordinal > ordinal)
            {
                at--;
            }

            if (range[at].Ordinal == ordinal)
            {
                body = range[at];
                return true;
            }
        }

        return _decoded.TryGetValue(ordinal, out body);
    }

    private static InvalidDataException NotStored(long ordinal) =>
        new($"The checkpoint with ordinal {ordinal}, which others refer to, is not stored.");
}

/// <summary>
/// Returns the bodies of the checkpoints up to a given one, whose ordinals are from the first to the second, both
/// included, in ascending order. Returns none if the given checkpoint was removed.
/// </summary>
internal delegate ValueTask<IReadOnlyList<StoredBody>> ReadBodies(
    string checkpointId, long from, long to, CancellationToken cancellationToken);

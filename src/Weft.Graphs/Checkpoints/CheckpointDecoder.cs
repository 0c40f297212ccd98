using System.Buffers;

namespace Weft.Graphs;

/// <summary>Reads stored checkpoints of one thread and namespace, and those that they refer to. What was read once is kept.</summary>
/// <param name="schema">The channels.</param>
/// <param name="readRange">Reads what a checkpoint refers to.</param>
public sealed class CheckpointDecoder(ChannelSchema schema, ReadBodies readRange)
{
    // Of the values along a chain only some are kept, for those who read the checkpoints before.
    private const int LinksBetweenKept = 64;

    private readonly Dictionary<long, StoredBody> _decoded = [];
    private readonly List<IReadOnlyList<StoredBody>> _ranges = [];
    private readonly Dictionary<(int Channel, long Ordinal), (object Value, ValueLocation Location)> _values = [];
    private readonly ArrayBufferWriter<byte> _joined = new();
    private string _checkpointId = "";

    /// <summary>The channels.</summary>
    public ChannelSchema Schema => schema;

    /// <summary>Decodes a checkpoint.</summary>
    /// <exception cref="UnreadableCheckpointException">It does not fit the channels.</exception>
    /// <exception cref="InvalidDataException">What it refers to is not stored: it is damaged, or was removed after it had been read.</exception>
    public async ValueTask<(Checkpoint Checkpoint, StoredState State)> DecodeAsync(StoredCheckpoint stored, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(stored);
        var body = new StoredBody(stored.Ordinal, stored.Body);
        _decoded[stored.Ordinal] = body;
        _checkpointId = stored.Id;
        var values = schema.Initial.Span.ToArray();
        var locations = new ValueLocation[values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            if (ChannelEntry.Find(body, schema.Channels[i].Name) is { } entry)
            {
                (values[i], locations[i]) = await ReadAsync(i, entry, stored.Ordinal, cancellationToken);
            }
        }

        var checkpoint = UnreadableCheckpointException.Decode(
            (schema, stored, values),
            static s => CheckpointCodec.ReadFrame(s.schema, s.stored, GraphJson.Parse(s.stored.Body.Span), new ChannelValues(s.schema, s.values)),
            static s => $"Checkpoint {s.stored.Id}");
        return (checkpoint, new StoredState(checkpoint, body, locations));
    }

    private async ValueTask<(object Value, ValueLocation Location)> ReadAsync(int channel, ChannelEntry entry, long ordinal, CancellationToken cancellationToken)
    {
        while (entry.Reference > 0)
        {
            ordinal = entry.Reference;
            entry = await EntryAsync(channel, ordinal, cancellationToken);
        }

        // A chain may have thousands of links, which is too large an array to be made each time.
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

    private async ValueTask<(object Value, ValueLocation Location)> ReadAsync(int channel, ChannelEntry entry, long ordinal, ChannelEntry[] chain, CancellationToken cancellationToken)
    {
        // From the newest difference back to a value that is whole or known, then forward again.
        var links = 0;
        (object Value, ValueLocation Location) found;
        while (!_values.TryGetValue((channel, ordinal), out found))
        {
            if (entry is { Reference: 0, Base: 0 })
            {
                found = (Decode(channel, await JsonAsync(entry, cancellationToken), static (channel, json) => channel.ReadStored(json)), entry.Location);
                _values[(channel, ordinal)] = found;
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
                    // A whole chain at once: a link at a time would cost a query each.
                    _ranges.Add(await readRange(_checkpointId, entry.Location.ChainStart, ordinal, cancellationToken));
                }

                ordinal = entry.Base;
            }

            entry = await EntryAsync(channel, ordinal, cancellationToken);
        }

        while (links > 0)
        {
            var link = chain[--links];
            var from = found.Value;
            found = (Decode(channel, (from, json: await JsonAsync(link, cancellationToken)), static (channel, s) => channel.ApplyDelta(s.from, s.json)), link.Location);
            if (links % LinksBetweenKept == 0)
            {
                _values[(channel, link.Location.Ordinal)] = found;
            }
        }

        return found;
    }

    private object Decode<TState>(int channel, TState state, Func<StateChannel, TState, object> decode) => UnreadableCheckpointException.Decode(
        (channel: schema.Channels[channel], state, decode, _checkpointId), static s => s.decode(s.channel, s.state), static s => $"The channel '{s.channel.Name}' of checkpoint {s._checkpointId}");

    /// <summary>Returns the value or difference of an entry as JSON, which is there until the next call.</summary>
    private async ValueTask<ReadOnlyMemory<byte>> JsonAsync(ChannelEntry entry, CancellationToken cancellationToken)
    {
        if (entry.Input is not { } input)
        {
            return entry.Json;
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

    private async ValueTask<ChannelEntry> EntryAsync(int channel, long ordinal, CancellationToken cancellationToken) =>
        ChannelEntry.Find(await BodyAsync(ordinal, cancellationToken), schema.Channels[channel].Name) ?? throw NotStored(ordinal);

    private ValueTask<StoredBody> BodyAsync(long ordinal, CancellationToken cancellationToken) =>
        TryFind(ordinal, out var body) ? new(body) : FetchAsync(ordinal, cancellationToken);

    private async ValueTask<StoredBody> FetchAsync(long ordinal, CancellationToken cancellationToken)
    {
        _ranges.Add(await readRange(_checkpointId, ordinal, ordinal, cancellationToken));
        return TryFind(ordinal, out var body) ? body : throw NotStored(ordinal);
    }

    private bool TryFind(long ordinal, out StoredBody body)
    {
        foreach (var range in _ranges)
        {
            if (range.Count == 0 || ordinal < range[0].Ordinal || ordinal > range[^1].Ordinal)
            {
                continue;
            }

            // Nearly always nothing is missing in between.
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

    private static InvalidDataException NotStored(long ordinal) => new($"The checkpoint with ordinal {ordinal}, which others refer to, is not stored.");
}

/// <summary>Returns the bodies of the checkpoints, up to a given one, with an ordinal from the first to the second, both included, in ascending order; none when that one is gone.</summary>
public delegate ValueTask<IReadOnlyList<StoredBody>> ReadBodies(string checkpointId, long from, long to, CancellationToken cancellationToken);

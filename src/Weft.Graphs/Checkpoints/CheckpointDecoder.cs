using System.Buffers;

namespace Weft.Graphs;

/// <summary>Reads stored checkpoints of one thread and namespace, and those that they refer to. What was read once is kept.</summary>
/// <param name="schema">The channels.</param>
/// <param name="readRange">Reads what a checkpoint refers to.</param>
public sealed class CheckpointDecoder(ChannelSchema schema, ReadBodies readRange)
{
    private readonly Dictionary<long, StoredBody> _bodies = [];
    private readonly Dictionary<(int Channel, long Ordinal), (object Value, ValueLocation Location)> _values = [];
    private readonly ArrayBufferWriter<byte> _joined = new();
    private string _checkpointId = "";

    /// <summary>The channels.</summary>
    public ChannelSchema Schema => schema;

    /// <summary>Decodes a checkpoint.</summary>
    /// <exception cref="InvalidDataException">What it refers to is not stored: it is damaged, or was removed after it had been read.</exception>
    public async ValueTask<(Checkpoint Checkpoint, StoredState State)> DecodeAsync(StoredCheckpoint stored, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(stored);
        var body = new StoredBody(stored.Ordinal, stored.Body);
        _bodies[stored.Ordinal] = body;
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

        var checkpoint = CheckpointCodec.ReadFrame(schema, stored, GraphJson.Parse(stored.Body.Span), new ChannelValues(schema, values));
        return (checkpoint, new StoredState(checkpoint, body, locations));
    }

    private async ValueTask<(object Value, ValueLocation Location)> ReadAsync(int channel, ChannelEntry entry, long ordinal, CancellationToken cancellationToken)
    {
        // From the newest difference back to a value that is whole or known, then forward again.
        var chain = new Stack<ChannelEntry>();
        (object Value, ValueLocation Location) found;
        while (!_values.TryGetValue((channel, ordinal), out found))
        {
            if (entry is { Reference: 0, Base: 0 })
            {
                found = (schema.Channels[channel].ReadStored(await JsonAsync(entry, cancellationToken)), entry.Location);
                _values[(channel, ordinal)] = found;
                break;
            }

            if (entry.Reference > 0)
            {
                ordinal = entry.Reference;
            }
            else
            {
                chain.Push(entry);
                await PrefetchAsync(entry.Location.ChainStart, ordinal, cancellationToken);
                ordinal = entry.Base;
            }

            entry = await EntryAsync(channel, ordinal, cancellationToken);
        }

        while (chain.TryPop(out var link))
        {
            found = (schema.Channels[channel].ApplyDelta(found.Value, await JsonAsync(link, cancellationToken)), link.Location);
            _values[(channel, link.Location.Ordinal)] = found;
        }

        return found;
    }

    private async ValueTask<ChannelEntry> EntryAsync(int channel, long ordinal, CancellationToken cancellationToken) =>
        ChannelEntry.Find(await BodyAsync(ordinal, cancellationToken), schema.Channels[channel].Name) ?? throw NotStored(ordinal);

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

    private async ValueTask<StoredBody> BodyAsync(long ordinal, CancellationToken cancellationToken)
    {
        await PrefetchAsync(ordinal, ordinal, cancellationToken);
        return _bodies.TryGetValue(ordinal, out var body) ? body : throw NotStored(ordinal);
    }

    /// <summary>Reads a whole chain at once; a link at a time would cost a query each.</summary>
    private async ValueTask PrefetchAsync(long from, long to, CancellationToken cancellationToken)
    {
        if (_bodies.ContainsKey(from) && _bodies.ContainsKey(to))
        {
            return;
        }

        foreach (var stored in await readRange(_checkpointId, from, to, cancellationToken))
        {
            _bodies.TryAdd(stored.Ordinal, stored);
        }
    }

    private static InvalidDataException NotStored(long ordinal) => new($"The checkpoint with ordinal {ordinal}, which others refer to, is not stored.");
}

/// <summary>Returns the bodies of the checkpoints, up to a given one, with an ordinal from the first to the second, both included; none when that one is gone.</summary>
public delegate ValueTask<IReadOnlyList<StoredBody>> ReadBodies(string checkpointId, long from, long to, CancellationToken cancellationToken);

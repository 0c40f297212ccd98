using System.Text.Json;

namespace Weft.Graphs;

/// <summary>Reads stored checkpoints of one thread and namespace, and those that they refer to. What was read once is kept.</summary>
/// <param name="schema">The channels.</param>
/// <param name="readRange">Returns the stored checkpoints with an ordinal from the first to the second, both included.</param>
public sealed class CheckpointDecoder(ChannelSchema schema, Func<long, long, CancellationToken, ValueTask<IReadOnlyList<StoredCheckpoint>>> readRange)
{
    private readonly Dictionary<long, JsonElement> _channelsByOrdinal = [];
    private readonly Dictionary<(int Channel, long Ordinal), (object Value, ValueLocation Location)> _values = [];

    /// <summary>Decodes a checkpoint.</summary>
    public async ValueTask<(Checkpoint Checkpoint, StoredState State)> DecodeAsync(StoredCheckpoint stored, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(stored);
        var body = GraphJson.Parse(stored.Body.Span);
        _channelsByOrdinal[stored.Ordinal] = body.GetProperty("c"u8);
        var values = schema.Initial.Span.ToArray();
        var locations = new ValueLocation[values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            if (body.GetProperty("c"u8).TryGetProperty(schema.Channels[i].Name, out _))
            {
                (values[i], locations[i]) = await ReadAsync(i, stored.Ordinal, cancellationToken);
            }
        }

        var state = new StoredState(new ChannelValues(schema, values), locations);
        return (CheckpointCodec.ReadFrame(schema, stored, body, state.Values), state);
    }

    private async ValueTask<(object Value, ValueLocation Location)> ReadAsync(int channel, long ordinal, CancellationToken cancellationToken)
    {
        // From the newest difference back to a value that is whole or known, then forward again.
        var chain = new Stack<(long Ordinal, JsonElement Entry)>();
        (object Value, ValueLocation Location) found;
        while (!_values.TryGetValue((channel, ordinal), out found))
        {
            var entry = (await ChannelsAsync(ordinal, cancellationToken)).GetProperty(schema.Channels[channel].Name);
            if (entry.TryGetProperty("r"u8, out var reference))
            {
                ordinal = reference.GetInt64();
            }
            else if (entry.TryGetProperty("v"u8, out var value))
            {
                found = (schema.Channels[channel].ReadValue(value), new ValueLocation(ordinal, ordinal, 0, System.Runtime.InteropServices.JsonMarshal.GetRawUtf8Value(value).Length));
                _values[(channel, ordinal)] = found;
                break;
            }
            else
            {
                chain.Push((ordinal, entry));
                await PrefetchAsync(entry.GetProperty("s"u8).GetInt64(), ordinal, cancellationToken);
                ordinal = entry.GetProperty("b"u8).GetInt64();
            }
        }

        while (chain.TryPop(out var link))
        {
            var location = new ValueLocation(
                link.Ordinal, link.Entry.GetProperty("s"u8).GetInt64(), link.Entry.GetProperty("l"u8).GetInt32(), link.Entry.GetProperty("z"u8).GetInt64());
            found = (schema.Channels[channel].ApplyDelta(found.Value, link.Entry.GetProperty("d"u8)), location);
            _values[(channel, link.Ordinal)] = found;
        }

        return found;
    }

    private async ValueTask<JsonElement> ChannelsAsync(long ordinal, CancellationToken cancellationToken)
    {
        if (!_channelsByOrdinal.ContainsKey(ordinal))
        {
            await PrefetchAsync(ordinal, ordinal, cancellationToken);
        }

        return _channelsByOrdinal.TryGetValue(ordinal, out var channels)
            ? channels
            : throw new InvalidDataException($"The checkpoint with ordinal {ordinal}, which others refer to, is not stored.");
    }

    /// <summary>Reads a whole chain at once; a link at a time would cost a query each.</summary>
    private async ValueTask PrefetchAsync(long from, long to, CancellationToken cancellationToken)
    {
        if (_channelsByOrdinal.ContainsKey(from) && _channelsByOrdinal.ContainsKey(to))
        {
            return;
        }

        foreach (var stored in await readRange(from, to, cancellationToken))
        {
            _channelsByOrdinal.TryAdd(stored.Ordinal, ReadChannels(stored.Body.Span));
        }
    }

    /// <summary>Parses only the first member of a body, the channels.</summary>
    private static JsonElement ReadChannels(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body);
        reader.Read();
        reader.Read();
        reader.Read();
        return JsonElement.ParseValue(ref reader);
    }
}

using System.Text.Json;

namespace Weft.Graphs;

/// <summary>
/// Turns checkpoints into bytes. A body is a JSON object whose first member, <c>c</c>, has an entry for each channel:
/// <c>{"v":value}</c> the whole value, <c>{"r":ordinal}</c> as that checkpoint has it, or
/// <c>{"b":ordinal,"s":chain start,"l":chain length,"z":chain bytes,"d":difference}</c> that checkpoint's value and a difference.
/// </summary>
public static class CheckpointCodec
{
    /// <summary>Encodes the body of a checkpoint.</summary>
    /// <param name="checkpoint">The checkpoint.</param>
    /// <param name="ordinal">The number under which it will be stored.</param>
    /// <param name="known">A stored state of the same thread and namespace that it grew from, to refer to; null: everything is written whole.</param>
    /// <returns>The body, and where the values are stored now.</returns>
    public static (byte[] Body, StoredState State) Encode(Checkpoint checkpoint, long ordinal, StoredState? known)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        var locations = new ValueLocation[checkpoint.Values.Span.Length];
        var body = GraphJson.Encode((checkpoint, ordinal, known, locations), static (writer, s) => Write(writer, s.checkpoint, s.ordinal, s.known, s.locations));
        return (body, new StoredState(checkpoint.Values, locations));
    }

    /// <summary>Encodes the outcome of a task.</summary>
    public static byte[] Encode(TaskOutcome outcome)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        return GraphJson.Encode(outcome, static (writer, outcome) => OutcomeCodec.Write(writer, outcome));
    }

    /// <summary>Decodes the outcome of a task.</summary>
    public static TaskOutcome DecodeOutcome(ChannelSchema schema, ReadOnlyMemory<byte> body)
    {
        ArgumentNullException.ThrowIfNull(schema);
        return OutcomeCodec.Read(schema, GraphJson.Parse(body.Span));
    }

    /// <summary>Decodes what the tasks did whose superstep the checkpoint ended.</summary>
    public static IReadOnlyList<TaskOutcome> DecodeCompleted(ChannelSchema schema, ReadOnlyMemory<byte> body)
    {
        ArgumentNullException.ThrowIfNull(schema);
        var json = GraphJson.Parse(body.Span);
        return json.TryGetProperty("done"u8, out var done)
            ? [.. done.EnumerateArray().Select(outcome => OutcomeCodec.Read(schema, outcome, json.GetProperty("c"u8)))]
            : [];
    }

    internal static Checkpoint ReadFrame(ChannelSchema schema, StoredCheckpoint stored, JsonElement body, ChannelValues values) => new()
    {
        Id = stored.Id,
        ParentId = stored.ParentId,
        Namespace = stored.Namespace,
        Step = body.GetProperty("step"u8).GetInt32(),
        Source = (CheckpointSource)body.GetProperty("src"u8).GetInt32(),
        CreatedAt = stored.CreatedAt,
        RunId = stored.RunId,
        Metadata = stored.Metadata,
        Values = values,
        Next = body.TryGetProperty("next"u8, out var next) ? [.. next.EnumerateArray().Select(ReadPending)] : [],
        Input = body.TryGetProperty("in"u8, out var input) ? StateUpdate.FromJson(schema, input) : null,
        Deferred = body.TryGetProperty("def"u8, out var deferred) ? [.. deferred.EnumerateArray().Select(ReadPending)] : [],
        LastNodes = body.TryGetProperty("last"u8, out var last) ? ReadNames(last) : [],
        Barriers = body.TryGetProperty("bar"u8, out var barriers)
            ? barriers.EnumerateObject().ToDictionary(barrier => barrier.Name, barrier => ReadNames(barrier.Value))
            : Checkpoint.NoBarriers,
    };

    private static void Write(Utf8JsonWriter writer, Checkpoint checkpoint, long ordinal, StoredState? known, ValueLocation[] locations)
    {
        writer.WriteStartObject();
        writer.WriteStartObject("c"u8);
        for (var i = 0; i < locations.Length; i++)
        {
            locations[i] = WriteChannel(writer, checkpoint.Values, i, ordinal, known);
        }

        writer.WriteEndObject();
        writer.WriteNumber("step"u8, checkpoint.Step);
        writer.WriteNumber("src"u8, (int)checkpoint.Source);
        WriteFrame(writer, checkpoint, write => FindAppended(write, checkpoint.Values, known?.Values, locations));
        writer.WriteEndObject();
    }

    private static ValueLocation WriteChannel(Utf8JsonWriter writer, ChannelValues values, int index, long ordinal, StoredState? known)
    {
        var channel = values.Schema.Channels[index];
        var value = channel.IsTracked ? values.Span[index] : null;
        if (value is null || ReferenceEquals(value, channel.Initial))
        {
            return default;
        }

        writer.WriteStartObject(values.Schema.Encoded[index]);
        var location = WriteValue(writer, channel, value, ordinal, known?.Values.Span[index], known is null ? default : known.Locations[index]);
        writer.WriteEndObject();
        return location;
    }

    private static ValueLocation WriteValue(Utf8JsonWriter writer, StateChannel channel, object value, long ordinal, object? from, ValueLocation at)
    {
        if (at.Ordinal > 0 && ReferenceEquals(from, value))
        {
            writer.WriteNumber("r"u8, at.Ordinal);
            return at;
        }

        var begun = writer.BytesCommitted + writer.BytesPending;
        if (at.Ordinal > 0 && from is not null && !at.IsChainTooLong(channel.EstimateBytes(value)))
        {
            var delta = GraphJson.TryEncode((channel, from, value), static (deltaWriter, s) => s.channel.TryWriteDelta(deltaWriter, s.from, s.value));
            if (delta is not null)
            {
                writer.WriteNumber("b"u8, at.Ordinal);
                writer.WriteNumber("s"u8, at.ChainStart);
                writer.WriteNumber("l"u8, at.ChainLength + 1);
                writer.WriteNumber("z"u8, at.ChainBytes + delta.Length);
                writer.WritePropertyName("d"u8);
                writer.WriteRawValue(delta, skipInputValidation: true);
                return new ValueLocation(ordinal, at.ChainStart, at.ChainLength + 1, at.ChainBytes + delta.Length);
            }
        }

        writer.WritePropertyName("v"u8);
        channel.WriteValue(writer, value);
        return new ValueLocation(ordinal, ordinal, 0, writer.BytesCommitted + writer.BytesPending - begun);
    }

    /// <summary>Where a task's write stands in the difference that the body stores for its channel.</summary>
    private static (int Start, int Count)? FindAppended(ChannelWrite write, ChannelValues values, ChannelValues? known, ValueLocation[] locations)
    {
        var index = values.Schema.IndexOf(write.Channel);
        return locations[index].ChainLength > 0 && known?.Span[index] is { } from && values.Span[index] is { } to ? write.Channel.FindAppended(from, to, write.Value) : null;
    }

    private static void WriteFrame(Utf8JsonWriter writer, Checkpoint checkpoint, Func<ChannelWrite, (int Start, int Count)?> findAppended)
    {
        WritePending(writer, "next", checkpoint.Next);
        WritePending(writer, "def", checkpoint.Deferred);
        if (checkpoint.Input is { } input)
        {
            writer.WriteStartArray("in"u8);
            foreach (var write in input.Writes)
            {
                writer.WriteStartArray();
                writer.WriteStringValue(write.Channel.Name);
                write.WriteTo(writer);
                writer.WriteEndArray();
            }

            writer.WriteEndArray();
        }

        WriteNames(writer, "last", checkpoint.LastNodes);
        if (checkpoint.Barriers.Count > 0)
        {
            writer.WriteStartObject("bar"u8);
            foreach (var (barrier, arrived) in checkpoint.Barriers)
            {
                WriteNames(writer, barrier, arrived);
            }

            writer.WriteEndObject();
        }

        if (checkpoint.Completed.Count > 0)
        {
            writer.WriteStartArray("done"u8);
            foreach (var outcome in checkpoint.Completed)
            {
                OutcomeCodec.Write(writer, outcome, findAppended);
            }

            writer.WriteEndArray();
        }
    }

    private static void WritePending(Utf8JsonWriter writer, string member, IReadOnlyList<PendingTask> tasks)
    {
        if (tasks.Count == 0)
        {
            return;
        }

        writer.WriteStartArray(member);
        foreach (var task in tasks)
        {
            WritePending(writer, task);
        }

        writer.WriteEndArray();
    }

    private static void WritePending(Utf8JsonWriter writer, PendingTask task)
    {
        writer.WriteStartObject();
        writer.WriteString("n"u8, task.Node);
        WriteNames(writer, "t", task.Triggers);
        if (task.Send is { } send)
        {
            writer.WritePropertyName("i"u8);
            send.Input.WriteTo(writer);
        }

        writer.WriteEndObject();
    }

    private static PendingTask ReadPending(JsonElement json)
    {
        var node = json.GetProperty("n"u8).GetString()!;
        return new PendingTask(node, ReadNames(json.GetProperty("t"u8)), json.TryGetProperty("i"u8, out var input) ? new Send(node, input) : null);
    }

    private static void WriteNames(Utf8JsonWriter writer, string member, IReadOnlyList<string> names)
    {
        if (names.Count == 0)
        {
            return;
        }

        writer.WriteStartArray(member);
        foreach (var name in names)
        {
            writer.WriteStringValue(name);
        }

        writer.WriteEndArray();
    }

    private static IReadOnlyList<string> ReadNames(JsonElement json) => [.. json.EnumerateArray().Select(name => name.GetString()!)];
}

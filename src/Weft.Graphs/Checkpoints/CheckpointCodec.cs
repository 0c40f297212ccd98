using System.Text.Json;

namespace Weft.Graphs;

/// <summary>
/// Encodes checkpoints as bytes. A body is a JSON object. Its first member, <c>c</c>, has an entry for each channel. An
/// entry <c>{"v":value}</c> is the whole value. An entry <c>ordinal</c> is the value of that checkpoint
/// (<c>{"r":ordinal}</c> in older bodies). An entry <c>{"b":ordinal,"s":chain start,"l":chain length,"z":chain
/// bytes,"d":difference}</c> is the value of that checkpoint and a difference. The member <c>t</c> is the number of bytes
/// that the bodies before have: those before this body, or in an entry those before the first body of the chain. The
/// member <c>w</c> of an entry is the length of the value that the chain begins with, if that is not known otherwise.
/// </summary>
/// <remarks>
/// An input is stored in the body of the checkpoint in which it waits. It is not stored again when it becomes a part of
/// the state: <c>"i":[ordinal,start,length]</c> names the piece of that body that is the whole value or, before a
/// difference, the appended part.
/// </remarks>
internal static class CheckpointCodec
{
    /// <summary>Encodes the body of a checkpoint.</summary>
    /// <param name="checkpoint">The checkpoint.</param>
    /// <param name="ordinal">The number under which it will be stored.</param>
    /// <param name="known">
    /// The stored state of the checkpoint that it follows, of the same thread and namespace, to refer to; null if
    /// everything is written whole.
    /// </param>
    /// <param name="storedBytes">The bytes of the bodies that the thread and namespace already have.</param>
    /// <returns>The body, and the new locations of the values.</returns>
    public static (byte[] Body, StoredState State) Encode(
        Checkpoint checkpoint, long ordinal, StoredState? known, long storedBytes = 0)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        var locations = new ValueLocation[checkpoint.Values.Span.Length];
        var body = GraphJson.Encode(
            (checkpoint, ordinal, known, storedBytes, locations),
            static (writer, s) => Write(writer, s.checkpoint, s.ordinal, s.known, s.storedBytes, s.locations));
        return (body, new StoredState(checkpoint, new StoredBody(ordinal, body), locations, storedBytes));
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
        return UnreadableCheckpointException.Decode(
            (schema, body), static s => OutcomeCodec.Read(s.schema, GraphJson.Parse(s.body.Span)), static _ => "The outcome of a task");
    }

    /// <summary>Decodes the outcomes of the tasks of the superstep that the checkpoint ended.</summary>
    /// <param name="schema">The channels.</param>
    /// <param name="body">The body of the checkpoint.</param>
    /// <param name="parent">The checkpoint that it follows, from which the tasks started.</param>
    public static IReadOnlyList<TaskOutcome> DecodeCompleted(ChannelSchema schema, ReadOnlyMemory<byte> body, Checkpoint parent)
    {
        ArgumentNullException.ThrowIfNull(schema);
        ArgumentNullException.ThrowIfNull(parent);
        return UnreadableCheckpointException.Decode(
            (Schema: schema, Body: body, Parent: parent),
            static IReadOnlyList<TaskOutcome> (s) =>
            {
                var json = GraphJson.Parse(s.Body.Span);
                if (!json.TryGetProperty("done"u8, out var done))
                {
                    return [];
                }

                var channels = json.GetProperty("c"u8);
                return
                [
                    .. done.EnumerateArray()
                        .Select((outcome, index) => OutcomeCodec.ReadCompleted(s.Schema, outcome, channels, s.Parent, index)),
                ];
            },
            static s => $"The outcomes of the tasks after checkpoint {s.Parent.Id}");
    }

    /// <summary>The names of the channels for which a body has values or input.</summary>
    internal static IEnumerable<string> ReadChannels(StoredCheckpoint stored)
    {
        var body = GraphJson.Parse(stored.Body.Span);
        return body.GetProperty("c"u8).EnumerateObject().Select(channel => channel.Name)
            .Concat(body.TryGetProperty("in"u8, out var input) ? input.EnumerateArray().Select(write => write[0].GetString()!) : []);
    }

    /// <summary>Returns the bytes of the bodies that were stored before a body.</summary>
    internal static long ReadBytesBefore(JsonElement body) => body.TryGetProperty("t"u8, out var bytes) ? bytes.GetInt64() : 0;

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
        Input = body.TryGetProperty("in"u8, out var input) ? StateUpdate.FromStored(schema, input) : null,
        Call = body.TryGetProperty("call"u8, out var call) ? GraphCall.Read(call) : null,
        Deferred = body.TryGetProperty("def"u8, out var deferred) ? [.. deferred.EnumerateArray().Select(ReadPending)] : [],
        LastNodes = body.TryGetProperty("last"u8, out var last) ? ReadNames(last) : [],
        LastTriggered = body.TryGetProperty("trig"u8, out var triggered) ? ReadNames(triggered) : null,
        Barriers = body.TryGetProperty("bar"u8, out var barriers)
            ? barriers.EnumerateObject().ToDictionary(barrier => barrier.Name, barrier => ReadNames(barrier.Value))
            : Checkpoint.NoBarriers,
    };

    private static void Write(
        Utf8JsonWriter writer,
        Checkpoint checkpoint,
        long ordinal,
        StoredState? known,
        long storedBytes,
        ValueLocation[] locations)
    {
        writer.WriteStartObject();
        writer.WriteStartObject("c"u8);
        for (var i = 0; i < locations.Length; i++)
        {
            locations[i] = ChannelEntry.Write(writer, checkpoint.Values, i, ordinal, known, storedBytes);
        }

        writer.WriteEndObject();
        writer.WriteNumber("step"u8, checkpoint.Step);
        writer.WriteNumber("src"u8, (int)checkpoint.Source);
        if (storedBytes > 0)
        {
            writer.WriteNumber("t"u8, storedBytes);
        }

        WriteFrame(writer, checkpoint);
        WriteCompleted(writer, checkpoint, known, locations);
        writer.WriteEndObject();
    }

    private static void WriteFrame(Utf8JsonWriter writer, Checkpoint checkpoint)
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

        if (checkpoint.Call is { } call)
        {
            writer.WritePropertyName("call"u8);
            call.WriteTo(writer);
        }

        WriteNames(writer, "last", checkpoint.LastNodes);
        if (checkpoint.LastTriggered is { } triggered)
        {
            // An empty list is not the same as none.
            WriteList(writer, "trig", triggered);
        }

        if (checkpoint.Barriers.Count > 0)
        {
            writer.WriteStartObject("bar"u8);
            foreach (var (barrier, arrived) in checkpoint.Barriers)
            {
                WriteNames(writer, barrier, arrived);
            }

            writer.WriteEndObject();
        }
    }

    private static void WriteCompleted(Utf8JsonWriter writer, Checkpoint checkpoint, StoredState? known, ValueLocation[] locations)
    {
        if (checkpoint.Completed.Count == 0)
        {
            return;
        }

        var parent = known?.Checkpoint.Id == checkpoint.ParentId ? known : null;
        writer.WriteStartArray("done"u8);
        for (var i = 0; i < checkpoint.Completed.Count; i++)
        {
            OutcomeCodec.WriteCompleted(
                writer, checkpoint.Completed[i], parent, i, write => FindAppended(write, checkpoint.Values, known, locations));
        }

        writer.WriteEndArray();
    }

    /// <summary>The position of a task's write in the difference that the body stores for its channel.</summary>
    private static (int Start, int Count)? FindAppended(
        ChannelWrite write, ChannelValues values, StoredState? known, ValueLocation[] locations)
    {
        var index = values.Schema.IndexOf(write.Channel);
        // A value that an input brought may be stored with the input.
        return locations[index].ChainLength > 0
            && known?.Input?.Writes(write.Channel) is not true && known?.Values.Span[index] is { } from
            && values.Span[index] is { } to
            ? write.Channel.FindAppended(from, to, write.Value)
            : null;
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

    /// <summary>Most tasks are triggered by an edge or a branch, or are the start, so their node is enough.</summary>
    private static void WritePending(Utf8JsonWriter writer, PendingTask task)
    {
        if (task is { Send: null, Triggers: [var trigger] } && trigger == UsualTrigger(task.Node))
        {
            writer.WriteStringValue(task.Node);
            return;
        }

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

    private static string UsualTrigger(string node) => node == StateGraph.Start ? node : Superstep.BranchTo(node);

    private static PendingTask ReadPending(JsonElement json)
    {
        if (json.ValueKind == JsonValueKind.String)
        {
            var name = json.GetString()!;
            return new PendingTask(name, [UsualTrigger(name)]);
        }

        var node = json.GetProperty("n"u8).GetString()!;
        return new PendingTask(
            node, ReadNames(json.GetProperty("t"u8)), json.TryGetProperty("i"u8, out var input) ? new Send(node, input) : null);
    }

    private static void WriteNames(Utf8JsonWriter writer, string member, IReadOnlyList<string> names)
    {
        if (names.Count > 0)
        {
            WriteList(writer, member, names);
        }
    }

    private static void WriteList(Utf8JsonWriter writer, string member, IReadOnlyList<string> names)
    {
        writer.WriteStartArray(member);
        foreach (var name in names)
        {
            writer.WriteStringValue(name);
        }

        writer.WriteEndArray();
    }

    private static IReadOnlyList<string> ReadNames(JsonElement json) => [.. json.EnumerateArray().Select(name => name.GetString()!)];
}

using Weft.Graphs;

namespace Weft.Runs;

/// <summary>Decodes what <see cref="PartEncoder"/> has encoded.</summary>
internal static class PartDecoder
{
    /// <summary>Decodes a record. A kind that only a later version of the server knows is returned as a gap.</summary>
    /// <param name="record">The record.</param>
    /// <param name="restore">
    /// Returns the state of a <c>values</c> event from its stored form; null if that is not possible any more.
    /// </param>
    /// <returns>The part; null if its state can't be restored.</returns>
    public static StreamPart? Decode(StreamEventRecord record, Func<ReadOnlyMemory<byte>, byte[]?> restore)
    {
        var reader = new FieldReader(record.Data);
        var checkpointNamespace = reader.Text();
        var part = record.Event == PartKinds.Values ? ReadValues(ref reader, restore) : Read(record.Event, ref reader);
        if (part is not null and not GapPart)
        {
            part.Namespace = checkpointNamespace;
        }

        return part;
    }

    private static ValuesPart? ReadValues(ref FieldReader reader, Func<ReadOnlyMemory<byte>, byte[]?> restore)
    {
        var interrupts = reader.InterruptsOrNull();
        var checkpoint = reader.Flag() ? ReadInfo(ref reader) : null;
        return restore(reader.Rest()) is { } state ? new ValuesPart(LazyJson.FromUtf8(state), interrupts, checkpoint) : null;
    }

    private static StreamPart Read(string kind, ref FieldReader reader) => kind switch
    {
        PartKinds.Update => new UpdatePart(reader.Text(), reader.Json(), reader.Flag()),
        PartKinds.Step => new StepPart(reader.Text(), reader.Json(), reader.Flag()),
        PartKinds.Interrupts => new InterruptsPart(reader.InterruptsOrNull() ?? []),
        PartKinds.Checkpoint => ReadCheckpoint(ref reader),
        PartKinds.TaskStart => new TaskStartPart(reader.Text(), reader.Text(), reader.Json(), reader.Texts()),
        PartKinds.TaskResult => new TaskResultPart(
            reader.Text(), reader.Text(), reader.TextOrNull(), reader.JsonOrNull(), reader.InterruptsOrNull() ?? []),
        PartKinds.Debug => ReadDebug(ref reader),
        PartKinds.MessageChunk => ReadChunk(ref reader),
        PartKinds.MessageMetadata => new MessageMetadataPart(ThreadPartCodec.ReadMessage(ref reader)),
        PartKinds.PartialMessage => ReadPartial(ref reader),
        PartKinds.CompleteMessages => new CompleteMessagesPart(reader.Json()),
        PartKinds.Custom => ReadCustom(ref reader),
        PartKinds.Tool => new ToolPart((ToolPhase)reader.Int(), reader.TextOrNull(), reader.Text(), reader.Json(), reader.TextOrNull()),
        PartKinds.Event => ReadEvent(ref reader),
        PartKinds.Subgraph => ReadSubgraph(ref reader),
        PartKinds.RunStarted => ReadStarted(ref reader),
        PartKinds.RunError => new RunErrorPart(reader.Text(), reader.Text()),
        PartKinds.RunEnd => ReadEnd(ref reader),
        _ => ThreadPartCodec.TryRead(kind, ref reader) ?? GapPart.Instance,
    };

    private static CheckpointInfo ReadInfo(ref FieldReader reader) =>
        new(reader.Text(), reader.TextOrNull(), reader.Int(), (CheckpointSource)reader.Int(), reader.Time());

    private static CheckpointPart ReadCheckpoint(ref FieldReader reader)
    {
        var threadId = reader.Text();
        var checkpointNamespace = reader.Text();
        var info = ReadInfo(ref reader);
        var parents = new KeyValuePair<string, string>[reader.Int()];
        for (var i = 0; i < parents.Length; i++)
        {
            parents[i] = KeyValuePair.Create(reader.Text(), reader.Text());
        }

        return new CheckpointPart(threadId, info, parents)
        {
            CheckpointNamespace = checkpointNamespace,
            State = reader.Json(),
            Metadata = reader.Json(),
            Next = reader.Json(),
            Tasks = reader.Json(),
        };
    }

    private static DebugPart ReadDebug(ref FieldReader reader)
    {
        var type = reader.Text();
        var step = reader.Int();
        var time = reader.Time();
        var kind = type switch
        {
            DebugPart.Checkpoint => PartKinds.Checkpoint,
            DebugPart.Task => PartKinds.TaskStart,
            _ => PartKinds.TaskResult,
        };
        return new DebugPart(type, step, time, Read(kind, ref reader));
    }

    private static MessageChunkPart ReadChunk(ref FieldReader reader)
    {
        var id = reader.Text();
        var isWhole = reader.Flag();
        var source = MessageSource.Of(reader.Bytes());
        var before = reader.Bytes();
        var own = reader.Bytes();
        var message = new StreamedMessage(id, source)
        {
            IsWhole = isWhole,
            Before = before,
            After = reader.Bytes(),
            BlockIndex = reader.Int(),
        };
        return new MessageChunkPart(message, own);
    }

    private static PartialMessagePart ReadPartial(ref FieldReader reader)
    {
        var head = reader.Bytes();
        var content = reader.Bytes();
        var tail = reader.Bytes();
        return new PartialMessagePart(head, content, tail, head.Length + content.Length + tail.Length);
    }

    private static CustomPart ReadCustom(ref FieldReader reader)
    {
        var channel = reader.TextOrNull();
        return new CustomPart(reader.Json(), channel);
    }

    private static EventPart ReadEvent(ref FieldReader reader)
    {
        var source = new EventSource
        {
            Kind = (EventKind)reader.Int(),
            Name = reader.Text(),
            RunId = reader.Text(),
            ParentIds = reader.Texts(),
            Tags = reader.Texts(),
            Metadata = reader.Bytes(),
        };
        return new EventPart(source, (EventPhase)reader.Int(), reader.Json(), reader.JsonOrNull());
    }

    private static SubgraphPart ReadSubgraph(ref FieldReader reader) => new((SubgraphPhase)reader.Int(), reader.Text(), reader.Text())
    {
        IsSend = reader.Flag(),
        ToolCallId = reader.TextOrNull(),
        Error = reader.TextOrNull(),
    };

    private static RunStartedPart ReadStarted(ref FieldReader reader) =>
        new(ReadRunId(ref reader), new ThreadId(reader.Text()), reader.Int()) { GraphId = reader.TextOrNull() };

    private static RunEndPart ReadEnd(ref FieldReader reader) =>
        new(ReadRunId(ref reader), (RunStatus)reader.Int(), ReadCancel(ref reader))
        {
            IsPaused = reader.Flag(),
            Failure = ThreadPartCodec.ReadFailure(ref reader),
        };

    private static RunId ReadRunId(ref FieldReader reader) => RunId.Parse(reader.Text(), null);

    private static CancelAction? ReadCancel(ref FieldReader reader) => reader.Int() is >= 0 and var action ? (CancelAction)action : null;
}

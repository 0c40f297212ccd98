using Weft.Graphs;

namespace Weft.Runs;

/// <summary>Reads what <see cref="PartEncoder"/> has written.</summary>
internal static class PartDecoder
{
    /// <summary>Reads the namespace and the fields of a part.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="reader">The fields.</param>
    /// <returns>The part; null or <see cref="GapPart"/> if a value of it can't be restored.</returns>
    /// <exception cref="FormatException">Only a later version of the server knows the kind, or a field is damaged.</exception>
    public static StreamPart? Read(string kind, FieldReader reader)
    {
        var checkpointNamespace = reader.SharedText();
        reader.Values?.BeginPart();
        var part = ReadFields(kind, reader);
        if (part is not null && reader.Values is { HasLost: true })
        {
            // Only readers of its mode miss it.
            part = new GapPart(part.Mode);
        }

        if (part is not null)
        {
            part.Namespace = checkpointNamespace;
        }

        return part;
    }

    private static StreamPart? ReadFields(string kind, FieldReader reader) => kind switch
    {
        PartKinds.Values => ReadValues(reader),
        PartKinds.Checkpoint => ReadCheckpoint(reader),
        PartKinds.TaskStart => ReadTaskStart(reader),
        PartKinds.Debug => ReadDebug(reader),
        _ => ReadOther(kind, reader),
    };

    private static ValuesPart? ReadValues(FieldReader reader)
    {
        var interrupts = reader.InterruptsOrNull();
        var checkpoint = reader.Flag() ? ThreadPartCodec.ReadCheckpoint(reader) : null;
        return reader.State(isLast: true) is { } state ? new ValuesPart(state, interrupts, checkpoint) : null;
    }

    private static TaskStartPart? ReadTaskStart(FieldReader reader)
    {
        var (id, node) = (reader.Text(), reader.Text());
        var input = reader.State();
        // The fields of the next part begin behind these, also if this one can't be restored.
        var triggers = reader.Texts();
        return input is null ? null : new TaskStartPart(id, node, input, triggers);
    }

    private static StreamPart ReadOther(string kind, FieldReader reader) => kind switch
    {
        PartKinds.Update => new UpdatePart(reader.Text(), reader.Value(), reader.Flag()),
        PartKinds.Step => new StepPart(reader.Text(), reader.Value(), reader.Flag()),
        PartKinds.Interrupts => new InterruptsPart(reader.InterruptsOrNull() ?? []),
        PartKinds.TaskResult => new TaskResultPart(
            reader.Text(), reader.Text(), reader.TextOrNull(), reader.ValueOrNull(), reader.InterruptsOrNull() ?? []),
        PartKinds.MessageChunk => ThreadPartCodec.ReadChunk(reader),
        PartKinds.MessageMetadata => new MessageMetadataPart(ThreadPartCodec.ReadMessage(reader)),
        PartKinds.PartialMessage => ReadPartial(reader),
        PartKinds.CompleteMessages => new CompleteMessagesPart(reader.Value()),
        PartKinds.Custom => ReadCustom(reader),
        PartKinds.Tool => ReadTool(reader),
        PartKinds.NodeTool => ReadTool(reader, hasNode: true),
        PartKinds.Event => ReadEvent(reader),
        PartKinds.Subgraph => ReadSubgraph(reader),
        PartKinds.RunStarted => ReadStarted(reader),
        PartKinds.RunError => new RunErrorPart(reader.Text(), reader.Text()),
        PartKinds.RunEnd => ReadEnd(reader),
        _ => ThreadPartCodec.TryRead(kind, reader) ?? throw new FormatException($"The kind of part '{kind}' is unknown."),
    };

    private static CheckpointPart? ReadCheckpoint(FieldReader reader)
    {
        var threadId = reader.Text();
        var checkpointNamespace = reader.Text();
        var info = ThreadPartCodec.ReadCheckpoint(reader);
        var parents = new KeyValuePair<string, string>[reader.Int()];
        for (var i = 0; i < parents.Length; i++)
        {
            parents[i] = KeyValuePair.Create(reader.Text(), reader.Text());
        }

        var state = reader.State();
        var (metadata, next, tasks) = (reader.Value(), reader.Value(), reader.Value());
        return state is null ? null : new CheckpointPart(threadId, info, parents)
        {
            CheckpointNamespace = checkpointNamespace,
            State = state,
            Metadata = metadata,
            Next = next,
            Tasks = tasks,
        };
    }

    private static DebugPart? ReadDebug(FieldReader reader)
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
        return ReadFields(kind, reader) is { } part ? new DebugPart(type, step, time, part) : null;
    }

    private static PartialMessagePart ReadPartial(FieldReader reader)
    {
        var head = reader.Bytes();
        var content = reader.ValueBytes();
        var tail = reader.Bytes();
        return new PartialMessagePart(head, content, tail, head.Length + content.Length + tail.Length);
    }

    private static CustomPart ReadCustom(FieldReader reader)
    {
        var channel = reader.SharedTextOrNull();
        return new CustomPart(reader.Value(), channel);
    }

    private static ToolPart ReadTool(FieldReader reader, bool hasNode = false)
    {
        var phase = (ToolPhase)reader.Int();
        var (callId, name) = (reader.TextOrNull(), reader.Text());
        var (value, inputText) = (reader.Value(), reader.TextOrNull());
        return new ToolPart(phase, callId, name, value, inputText, hasNode ? reader.SharedText() : null);
    }

    private static EventPart ReadEvent(FieldReader reader) =>
        new(reader.Shared(ReadSource), (EventPhase)reader.Int(), reader.Value(), reader.ValueOrNull());

    private static EventSource ReadSource(FieldReader reader) => new()
    {
        Kind = (EventKind)reader.Int(),
        Name = reader.Text(),
        RunId = reader.Text(),
        ParentIds = reader.Texts(),
        Tags = reader.Texts(),
        Metadata = reader.Bytes(),
    };

    private static SubgraphPart ReadSubgraph(FieldReader reader) => new((SubgraphPhase)reader.Int(), reader.Text(), reader.Text())
    {
        IsSend = reader.Flag(),
        ToolCallId = reader.TextOrNull(),
        Error = reader.TextOrNull(),
    };

    private static RunStartedPart ReadStarted(FieldReader reader) =>
        new(ReadRunId(reader), new ThreadId(reader.Text()), reader.Int()) { GraphId = reader.TextOrNull() };

    private static RunEndPart ReadEnd(FieldReader reader) =>
        new(ReadRunId(reader), (RunStatus)reader.Int(), ReadCancel(reader))
        {
            IsPaused = reader.Flag(),
            Failure = ThreadPartCodec.ReadFailure(reader),
            // Earlier versions did not write it.
            GraphId = reader.IsAtEnd ? null : reader.TextOrNull(),
        };

    private static RunId ReadRunId(FieldReader reader) => RunId.Parse(reader.Text(), null);

    private static CancelAction? ReadCancel(FieldReader reader) => reader.Int() is >= 0 and var action ? (CancelAction)action : null;
}

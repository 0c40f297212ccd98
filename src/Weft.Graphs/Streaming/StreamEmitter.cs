using System.Text.Json;

namespace Weft.Graphs;

/// <summary>Hands the parts of one graph's stream to the sink, one at a time.</summary>
internal sealed class StreamEmitter
{
    private readonly Hub _hub;
    private readonly string _namespace;
    private readonly bool _isKept;
    private readonly Fence? _fence;
    private HashSet<string>? _completeIds;
    private ChannelValues? _shown;

    /// <summary>The stream of a root graph.</summary>
    public StreamEmitter(GraphRunOptions options, Fence? fence = null)
        : this(new Hub(options.Modes, options.Sink, options.StreamSubgraphs), "", options.KeepsSupersteps, fence)
    {
    }

    private StreamEmitter(Hub hub, string checkpointNamespace, bool isKept, Fence? fence)
    {
        _hub = hub;
        _namespace = checkpointNamespace;
        _isKept = isKept;
        _fence = fence;
    }

    public static StreamEmitter Silent { get; } = new(new GraphRunOptions());

    /// <summary>The stream of a graph that runs inside this one.</summary>
    public StreamEmitter Inside(string checkpointNamespace, GraphRunOptions options) => new(_hub, checkpointNamespace, options.KeepsSupersteps, _fence);

    /// <summary>The stream as code behind a fence has it: silent once that is closed.</summary>
    public StreamEmitter Behind(Fence fence) => new(_hub, _namespace, _isKept, fence);

    /// <summary>
    /// Whether any of the modes is heard here. What nodes write themselves is heard from everywhere, and so are events.
    /// </summary>
    public bool Wants(StreamMode modes) => (_hub.Modes & modes & (_namespace.Length == 0 || _hub.Subgraphs ? modes : StreamMode.Custom | StreamMode.Events)) != 0;

    public void Emit(StreamMode mode, StreamPayload payload) => Emit(mode, payload, EventName(mode));

    public void Emit(StreamMode mode, StreamPayload payload, string name)
    {
        if (!Wants(mode) || _fence is { IsClosed: true })
        {
            return;
        }

        if (!_isKept)
        {
            // Encoded here: a value that is no JSON fails the run when it is kept, or else when it is shown.
            _ = payload.Length;
        }

        lock (_hub)
        {
            _hub.Sink!.Emit(new StreamPart(mode, _hub.Subgraphs && mode is not (StreamMode.Messages or StreamMode.Events) ? _namespace : "", payload, name));
        }
    }

    /// <summary>
    /// Shows a state, and the messages that the root graph has in it for the first time in this run
    /// (docs/protocol/streaming.md D6).
    /// </summary>
    public void EmitValues(ChannelValues values, IReadOnlyList<Interrupt>? interrupts = null)
    {
        Emit(StreamMode.Values, new ValuesPayload(values, interrupts));
        if (_namespace.Length > 0 || !Wants(StreamMode.Messages))
        {
            return;
        }

        _completeIds ??= [];
        var complete = values.MessagesSince(_shown ?? values.Schema.Initial).Where(message => _completeIds.Add(message.Id!)).ToList();
        _shown = values;
        if (complete.Count > 0)
        {
            Emit(StreamMode.Messages, StreamPayload.Of(complete, WriteMessages), "messages/complete");
        }
    }

    /// <summary>Notes that a message of this id was streamed; false when it was noted before.</summary>
    public bool TryAddMessage(string id)
    {
        lock (_hub.MessagesSeen)
        {
            return _hub.MessagesSeen.Add(id);
        }
    }

    private static void WriteMessages(Utf8JsonWriter writer, IReadOnlyList<Message> messages)
    {
        writer.WriteStartArray();
        foreach (var message in messages)
        {
            writer.WriteRawValue(message.Utf8.Span, skipInputValidation: true);
        }

        writer.WriteEndArray();
    }

    private static string EventName(StreamMode mode) => mode switch
    {
        StreamMode.Values => "values",
        StreamMode.Updates => "updates",
        StreamMode.MessagesTuple => "messages",
        StreamMode.Custom => "custom",
        StreamMode.Tasks => "tasks",
        StreamMode.Checkpoints => "checkpoints",
        StreamMode.Debug => "debug",
        StreamMode.Events => "events",
        StreamMode.Tools => "tools",
        _ => throw new ArgumentOutOfRangeException(nameof(mode), mode, "Events of this mode have several names."),
    };

    /// <summary>What the graphs of one run share.</summary>
    private sealed class Hub(StreamMode modes, IStreamSink? sink, bool subgraphs)
    {
        public StreamMode Modes { get; } = sink is null ? StreamMode.None : modes;

        public IStreamSink? Sink { get; } = sink;

        public bool Subgraphs { get; } = subgraphs;

        public HashSet<string> MessagesSeen { get; } = [];
    }
}

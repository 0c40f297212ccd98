using System.Text.Json;

namespace Weft.Graphs;

/// <summary>Hands the parts of one graph's stream to the sink, one at a time.</summary>
internal sealed class StreamEmitter
{
    private const StreamMode OfAllGraphs = StreamMode.Custom | StreamMode.Events | StreamMode.Input;

    private readonly Hub _hub;
    private readonly string _namespace;
    private readonly bool _isKept;
    private readonly bool _hasCheckpoints;
    private readonly Fence? _fence;
    private HashSet<string>? _completeIds;
    private ChannelValues? _shown;
    private State? _state;
    private CheckpointInfo? _checkpoint;

    /// <summary>The stream of a root graph.</summary>
    public StreamEmitter(GraphRunOptions options, Fence? fence = null)
        : this(
            new Hub(options.Modes, options.Sink, options.StreamSubgraphs),
            "",
            options.KeepsSupersteps,
            options.Checkpointer is not null,
            fence)
    {
    }

    private StreamEmitter(Hub hub, string checkpointNamespace, bool isKept, bool hasCheckpoints, Fence? fence)
    {
        _hub = hub;
        _namespace = checkpointNamespace;
        _isKept = isKept;
        _hasCheckpoints = hasCheckpoints;
        _fence = fence;
    }

    public static StreamEmitter Silent { get; } = new(new GraphRunOptions());

    /// <summary>The stream of a graph that runs inside this one.</summary>
    public StreamEmitter Inside(string checkpointNamespace, GraphRunOptions options) =>
        new(_hub, checkpointNamespace, options.KeepsSupersteps, options.Checkpointer is not null, _fence);

    /// <summary>The stream as code behind a fence has it: silent once that is closed.</summary>
    public StreamEmitter Behind(Fence fence) => new(_hub, _namespace, _isKept, _hasCheckpoints, fence);

    /// <summary>
    /// Whether any of the modes is requested here. What nodes write themselves is reported from all graphs, and so are
    /// events and questions.
    /// </summary>
    public bool Wants(StreamMode modes) =>
        (_hub.Modes & modes & (_namespace.Length == 0 || _hub.Subgraphs ? modes : OfAllGraphs)) != 0;

    public void Emit(StreamPart part)
    {
        if (!Wants(part.Mode) || _fence is { IsClosed: true })
        {
            return;
        }

        if (!_isKept)
        {
            // A value that is not valid JSON fails the run when it is stored, or else here.
            part.EncodeValues();
        }

        if (_hub.Subgraphs || part.Mode == StreamMode.Input)
        {
            part.Namespace = _namespace;
        }

        lock (_hub)
        {
            _hub.Sink!.Emit(part);
        }
    }

    /// <summary>
    /// Shows a state, and the messages that the root graph has in it for the first time in this run
    /// (docs/protocol/streaming.md D6).
    /// </summary>
    /// <param name="checkpoint">The newest checkpoint.</param>
    /// <param name="shown">The state if it is not that of the checkpoint.</param>
    /// <param name="interrupts">The interrupts of a pause.</param>
    public void EmitValues(Checkpoint checkpoint, ChannelValues? shown = null, IReadOnlyList<Interrupt>? interrupts = null)
    {
        var values = shown ?? checkpoint.Values;
        if (Wants(StreamMode.Values))
        {
            if (interrupts is null && _hasCheckpoints && Wants(StreamMode.StateCheckpoints))
            {
                Emit(new StateCheckpointPart(InfoOf(checkpoint)));
            }

            Emit(new ValuesPart(StateOf(values), interrupts, _hasCheckpoints ? InfoOf(checkpoint) : null));
        }

        if (_namespace.Length > 0 || !Wants(StreamMode.Messages))
        {
            return;
        }

        _completeIds ??= [];
        var complete = values.MessagesSince(_shown ?? values.Schema.Initial).Where(message => _completeIds.Add(message.Id!)).ToList();
        _shown = values;
        if (complete.Count > 0)
        {
            Emit(new CompleteMessagesPart(LazyJson.Of(
                complete, WriteMessages, static messages => messages.Sum(static message => (long)message.Utf8.Length))));
        }
    }

    /// <summary>Returns the JSON of a state. The parts of a superstep that show the same state share it.</summary>
    public LazyJson StateOf(ChannelValues values)
    {
        var known = _state;
        if (!ReferenceEquals(known?.Values, values))
        {
            _state = known = new State(values, LazyJson.OfState(values));
        }

        return known.Json;
    }

    /// <summary>Returns what identifies a checkpoint. The parts of a superstep share it.</summary>
    public CheckpointInfo InfoOf(Checkpoint checkpoint)
    {
        var known = _checkpoint;
        if (known?.Id != checkpoint.Id)
        {
            _checkpoint = known = new CheckpointInfo(
                checkpoint.Id, checkpoint.ParentId, checkpoint.Step, checkpoint.Source, checkpoint.CreatedAt);
        }

        return known;
    }

    /// <summary>Notes that a message with this id was streamed; false if it was noted before.</summary>
    public bool TryAddMessage(string id)
    {
        lock (_hub.MessagesSeen)
        {
            return _hub.MessagesSeen.Add(id);
        }
    }

    private static void WriteMessages(Utf8JsonWriter writer, List<Message> messages)
    {
        writer.WriteStartArray();
        foreach (var message in messages)
        {
            writer.WriteRawValue(message.Utf8.Span, skipInputValidation: true);
        }

        writer.WriteEndArray();
    }

    private sealed record State(ChannelValues Values, LazyJson Json);

    /// <summary>What the graphs of one run share.</summary>
    private sealed class Hub(StreamMode modes, IStreamSink? sink, bool subgraphs)
    {
        public StreamMode Modes => Sink is null ? StreamMode.None : modes | Sink.MoreModes;

        public IStreamSink? Sink { get; } = sink;

        public bool Subgraphs { get; } = subgraphs;

        public HashSet<string> MessagesSeen { get; } = [];
    }
}

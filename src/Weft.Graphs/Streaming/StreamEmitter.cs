namespace Weft.Graphs;

/// <summary>Hands the parts of one graph's stream to the sink, one at a time.</summary>
internal sealed class StreamEmitter(StreamMode modes, IStreamSink? sink, string checkpointNamespace)
{
    private readonly Lock _lock = new();
    private readonly HashSet<string> _messagesSeen = [];

    public bool Wants(StreamMode mode) => sink is not null && (modes & mode) != 0;

    public void Emit(StreamMode mode, StreamPayload payload) => Emit(mode, payload, EventName(mode));

    public void Emit(StreamMode mode, StreamPayload payload, string name)
    {
        if (!Wants(mode))
        {
            return;
        }

        lock (_lock)
        {
            sink!.Emit(new StreamPart(mode, checkpointNamespace, payload, name));
        }
    }

    /// <summary>Notes that a message of this id was streamed; false when it was noted before.</summary>
    public bool TryAddMessage(string id)
    {
        lock (_messagesSeen)
        {
            return _messagesSeen.Add(id);
        }
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
}

namespace Weft.Graphs;

/// <summary>Hands the parts of one graph's stream to the sink, one at a time.</summary>
internal sealed class StreamEmitter(StreamMode modes, IStreamSink? sink, string checkpointNamespace)
{
    private readonly Lock _lock = new();
    private readonly HashSet<string> _messagesSeen = [];

    public bool Wants(StreamMode mode) => sink is not null && (modes & mode) != 0;

    public void Emit(StreamMode mode, StreamPayload payload)
    {
        if (!Wants(mode))
        {
            return;
        }

        lock (_lock)
        {
            sink!.Emit(new StreamPart(mode, checkpointNamespace, payload));
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
}

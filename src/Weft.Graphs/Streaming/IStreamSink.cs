namespace Weft.Graphs;

/// <summary>Receives a run's stream as it is made, in order.</summary>
public interface IStreamSink
{
    /// <summary>Further modes to emit, added to those of the run. More may be added while the run executes.</summary>
    StreamMode MoreModes => StreamMode.None;

    /// <summary>
    /// Takes a part. Called from any thread, by one at a time. The node that streams waits for it, so it blocks only to
    /// slow down a node that streams faster than the sink can store.
    /// </summary>
    void Emit(StreamPart part);
}

namespace Weft.Graphs;

/// <summary>Receives a run's stream as it is made, in order.</summary>
public interface IStreamSink
{
    /// <summary>Takes a part. Called from any thread, from one at a time; it must not block.</summary>
    void Emit(in StreamPart part);
}

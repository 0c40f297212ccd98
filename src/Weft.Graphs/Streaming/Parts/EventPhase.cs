namespace Weft.Graphs;

/// <summary>What happened to something that goes on in a run, in the stream mode <c>events</c>.</summary>
public enum EventPhase
{
    /// <summary>It began: <c>on_…_start</c>. The value is its input.</summary>
    Start,

    /// <summary>A piece of its result: <c>on_…_stream</c>.</summary>
    Stream,

    /// <summary>It ended: <c>on_…_end</c>. The value is its output.</summary>
    End,

    /// <summary>It failed: <c>on_…_error</c>. The value is the text of the error.</summary>
    Error,
}

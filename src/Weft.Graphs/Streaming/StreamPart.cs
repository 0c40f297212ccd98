namespace Weft.Graphs;

/// <summary>
/// One piece of a run's stream. Each kind of part is a type of its own, with the data of that kind. Protocols are
/// encoders of parts.
/// </summary>
public abstract class StreamPart : StreamItem
{
    /// <summary>The mode that the part belongs to.</summary>
    public abstract StreamMode Mode { get; }

    /// <summary>
    /// The checkpoint namespace of the graph that the part comes from; empty for the root graph, and for all graphs if
    /// the stream does not report those inside (<see cref="GraphRunOptions.StreamSubgraphs"/>).
    /// </summary>
    public string Namespace { get; internal set; } = "";

    /// <summary>About how many bytes of memory the part keeps. It changes when a value is encoded.</summary>
    public abstract int CostBytes { get; }

    /// <summary>
    /// Encodes the values of the part. Throws what the code of a value's type throws if the value is not valid JSON.
    /// </summary>
    public virtual void EncodeValues()
    {
    }
}

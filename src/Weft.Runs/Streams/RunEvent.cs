using Weft.Graphs;

namespace Weft.Runs;

/// <summary>One event of a run's stream.</summary>
/// <remarks>A value type, because a log keeps many events and values cost no garbage collection.</remarks>
public readonly struct RunEvent
{
    /// <summary>The memory in bytes that an event counts for in addition to its part.</summary>
    internal const int OwnBytes = 64;

    private readonly long _createdAtTicks;

    internal RunEvent(long seq, StreamPart part, DateTimeOffset createdAt)
    {
        Seq = seq;
        Part = part;
        CostBytes = OwnBytes + (long)part.CostBytes;
        _createdAtTicks = createdAt.UtcTicks;
    }

    /// <summary>
    /// The memory in bytes that the event counted for when it was created. The size of a part changes when it is encoded.
    /// </summary>
    internal long CostBytes { get; }

    /// <summary>
    /// Its number in the run's log. The first attempt counts from 0, and a later attempt continues above all earlier ones.
    /// </summary>
    public long Seq { get; }

    /// <summary>The data. Protocols are encoders of it.</summary>
    public StreamPart Part { get; }

    /// <summary>When it was published.</summary>
    public DateTimeOffset CreatedAt => new(_createdAtTicks, TimeSpan.Zero);

    /// <summary>Whether it is the last event of its run.</summary>
    public bool IsTerminal => Part is RunEndPart;

    /// <summary>The final status of the run; null if this is not its last event.</summary>
    public RunStatus? Status => (Part as RunEndPart)?.Status;

    /// <summary>How the run was cancelled; null if this is not its last event, or if the run was not cancelled.</summary>
    public CancelAction? Cancel => (Part as RunEndPart)?.Cancel;

    /// <summary>
    /// Encodes the values of the part; false if one is not valid JSON. Such an event is not published. If the run also keeps
    /// the value, the run fails and its error gives the reason. A value that a node only streams is checked when the node writes
    /// it, except for the depth of its JSON.
    /// </summary>
    internal bool TryEncode()
    {
        try
        {
            Part.EncodeValues();
            return true;
        }
        catch (Exception)
        {
            // The code of the value's type may throw any exception.
            return false;
        }
    }
}

using Weft.Graphs;

namespace Weft.Runs;

/// <summary>One event of a run's stream.</summary>
/// <remarks>A value type, because a log keeps many events and values cost no garbage collection.</remarks>
public readonly struct RunEvent
{
    /// <summary>The memory in bytes that an event counts for in addition to its payload.</summary>
    internal const int OwnBytes = 64;

    private readonly long _createdAtTicks;

    internal RunEvent(long seq, string name, StreamPayload payload, DateTimeOffset createdAt)
    {
        Seq = seq;
        Name = name;
        Payload = payload;
        CostBytes = OwnBytes + (long)payload.CostBytes;
        _createdAtTicks = createdAt.UtcTicks;
    }

    /// <summary>
    /// The memory in bytes that the event counted for when it was created. The size of a payload changes when it is encoded.
    /// </summary>
    internal long CostBytes { get; }

    /// <summary>
    /// Its number in the run's log. The first attempt counts from 0, and a later attempt continues above all earlier ones.
    /// </summary>
    public long Seq { get; }

    /// <summary>The name, such as <c>values</c>. <see cref="RunEvents"/> has the names that belong to no stream mode.</summary>
    public string Name { get; }

    /// <summary>The data. It is encoded once for all readers.</summary>
    public StreamPayload Payload { get; }

    /// <summary>
    /// Encodes the data; false if it has a value that is not valid JSON. Such an event is not published. If the run also keeps
    /// the value, the run fails and its error gives the reason. A value that a node only streams is checked when the node writes
    /// it, except for the depth of its JSON.
    /// </summary>
    public bool TryEncode()
    {
        try
        {
            return Payload.Length > 0;
        }
        catch (Exception)
        {
            // The code of the value's type may throw any exception.
            return false;
        }
    }

    /// <summary>When it was published.</summary>
    public DateTimeOffset CreatedAt => new(_createdAtTicks, TimeSpan.Zero);

    /// <summary>Whether it is the last event of its run.</summary>
    public bool IsTerminal => Name is RunEvents.End or RunEvents.Cancel;

    /// <summary>The final status of the run; null if this is not its last event.</summary>
    public RunStatus? Status => (Payload as LastPayload)?.Status;

    /// <summary>How the run was cancelled; null if this is not its last event, or if the run was not cancelled.</summary>
    public CancelAction? Cancel => (Payload as LastPayload)?.Cancel;
}

/// <summary>The names of events that belong to no stream mode.</summary>
public static class RunEvents
{
    /// <summary>The first event of a run. It identifies the run.</summary>
    public const string Metadata = "metadata";

    /// <summary>The run failed.</summary>
    public const string Error = "error";

    /// <summary>The run has ended.</summary>
    public const string End = "end";

    /// <summary>The run was cancelled.</summary>
    public const string Cancel = "cancel";

    /// <summary>Events that the reader asked for have been removed.</summary>
    public const string Gap = "gap";
}

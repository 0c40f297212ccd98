using Weft.Graphs;

namespace Weft.Runs;

/// <summary>One event of a run's stream.</summary>
/// <remarks>A value: a log keeps many, and what is no object costs no collection.</remarks>
public readonly struct RunEvent
{
    /// <summary>What an event costs beside its payload.</summary>
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

    /// <summary>What the event counted in memory when it was made: that of a payload changes when it is encoded.</summary>
    internal long CostBytes { get; }

    /// <summary>Its place in the run's log: from 0 in the first attempt, and above all earlier ones in a later attempt.</summary>
    public long Seq { get; }

    /// <summary>The name, such as <c>values</c>; <see cref="RunEvents"/> has those that are no stream mode's.</summary>
    public string Name { get; }

    /// <summary>The data: encoded once, whoever reads it.</summary>
    public StreamPayload Payload { get; }

    /// <summary>
    /// Encodes the data; false when a value in it turns out to be no JSON. Such an event is told to nobody. When the run keeps
    /// the value too it fails, and its error says why; what a node only streams is checked as it writes it, but for how deep
    /// JSON nests.
    /// </summary>
    public bool TryEncode()
    {
        try
        {
            return Payload.Length > 0;
        }
        catch (Exception)
        {
            // Whatever the code of the value's type throws.
            return false;
        }
    }

    /// <summary>When it was published.</summary>
    public DateTimeOffset CreatedAt => new(_createdAtTicks, TimeSpan.Zero);

    /// <summary>Whether it is the last of its run.</summary>
    public bool IsTerminal => Name is RunEvents.End or RunEvents.Cancel;

    /// <summary>The final status of the run; null when this is not its last event.</summary>
    public RunStatus? Status => (Payload as LastPayload)?.Status;

    /// <summary>How the run was cancelled; null when this is not its last event, or the run was not cancelled.</summary>
    public CancelAction? Cancel => (Payload as LastPayload)?.Cancel;
}

/// <summary>The names of events that belong to no stream mode.</summary>
public static class RunEvents
{
    /// <summary>The first event of a run: who it is.</summary>
    public const string Metadata = "metadata";

    /// <summary>The run failed.</summary>
    public const string Error = "error";

    /// <summary>The run has ended.</summary>
    public const string End = "end";

    /// <summary>The run was cancelled.</summary>
    public const string Cancel = "cancel";

    /// <summary>Events that the reader asked for are no longer kept.</summary>
    public const string Gap = "gap";
}

using System.Runtime.CompilerServices;

namespace Weft.Graphs;

/// <summary>What an entry of a timeline is about. Timelines are stored with these numbers.</summary>
internal enum TimelineKind
{
    Superstep = 0,
    Task = 1,
    Model = 2,
    Tool = 3,
}

/// <summary>How far an entry of a timeline is. Timelines are stored with these numbers.</summary>
internal enum TimelineStatus
{
    Running = 0,
    Success = 1,
    Error = 2,

    /// <summary>It waits for an answer of a person. Another run continues it.</summary>
    Interrupted = 3,

    /// <summary>It had not ended when the run, or a task next to it, was stopped.</summary>
    Cancelled = 4,
}

/// <summary>A superstep, a task, or a call of a model or a tool.</summary>
internal struct TimelineEntry
{
    public TimelineKind Kind { get; init; }

    public TimelineStatus Status { get; set; }

    /// <summary>When it started, in microseconds since the start of the run.</summary>
    public long Start { get; init; }

    /// <summary>When it ended; not used while it runs.</summary>
    public long End { get; set; }

    /// <summary>Of supersteps and tasks: the namespace of their graph. Of calls: the id of their task.</summary>
    public string Scope { get; init; }

    /// <summary>Of supersteps and tasks: the number of the superstep.</summary>
    public int Step { get; init; }

    /// <summary>
    /// The id of the checkpoint that the superstep made, of the task, or of the tool call; null if there is none.
    /// </summary>
    public string? Id { get; set; }

    /// <summary>Of supersteps, the source of the checkpoint; otherwise the name of the node, the client or the tool.</summary>
    public string? Name { get; set; }

    /// <summary>The model; null if it is not known.</summary>
    public string? Model { get; set; }

    /// <summary>The kind of failure; null if it did not fail.</summary>
    public string? Error { get; set; }

    /// <summary>Of tasks: how many times their node was tried.</summary>
    public int Tries { get; set; }

    /// <summary>Of tasks: whether the result comes from the node cache.</summary>
    public bool IsCached { get; set; }

    /// <summary>The tokens that the model took; null if it did not say.</summary>
    public StrongBox<TokenUsage>? Usage { get; set; }
}

/// <summary>Finds an entry that has started.</summary>
/// <param name="Index">Its index; negative if it is only counted.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Start">When it started.</param>
internal readonly record struct TimelineMark(int Index, TimelineKind Kind, long Start);

/// <summary>The sums over entries of one kind.</summary>
/// <param name="Count">Their number.</param>
/// <param name="Errors">How many failed.</param>
/// <param name="Time">Their durations together, in microseconds.</param>
/// <param name="Usage">Their tokens.</param>
internal readonly record struct TimelineSum(long Count, long Errors, long Time, TokenUsage Usage)
{
    public TimelineSum Plus(TimelineSum other) =>
        new(Count + other.Count, Errors + other.Errors, Time + other.Time, Usage.Plus(other.Usage));
}

/// <summary>The entries of a timeline at a moment.</summary>
/// <param name="Entries">The entries, about in the order in which they started.</param>
/// <param name="Omitted">The sums over the entries that are missing, by <see cref="TimelineKind"/>; null if none is.</param>
/// <param name="IsRunning">Whether the run still executes.</param>
internal readonly record struct TimelineState(ReadOnlyMemory<TimelineEntry> Entries, TimelineSum[]? Omitted, bool IsRunning);

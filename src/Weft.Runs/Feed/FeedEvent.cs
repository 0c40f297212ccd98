using Weft.Graphs;

namespace Weft.Runs;

/// <summary>A change that is committed: what changed, with ids and without content.</summary>
/// <param name="Kind">The kind of change.</param>
/// <param name="Owner">The actor that it belongs to.</param>
/// <param name="At">When it happened.</param>
internal sealed record FeedEvent(FeedEventKind Kind, string Owner, DateTimeOffset At)
{
    public ThreadId? ThreadId { get; init; }

    public RunId? RunId { get; init; }

    public AssistantId? AssistantId { get; init; }

    /// <summary>The status of the run after the change.</summary>
    public RunStatus? Status { get; init; }

    public CronId? CronId { get; init; }

    /// <summary>The namespace of an item.</summary>
    public ItemNamespace? Namespace { get; init; }

    /// <summary>The key of an item.</summary>
    public string? Key { get; init; }

    /// <summary>Returns a change of a run.</summary>
    public static FeedEvent Of(FeedEventKind kind, RunRecord run, RunStatus? status, DateTimeOffset at) => new(kind, run.Owner, at)
    {
        ThreadId = run.ThreadId,
        RunId = run.RunId,
        AssistantId = run.AssistantId,
        Status = status,
    };
}

/// <summary>The kind of a <see cref="FeedEvent"/>.</summary>
internal enum FeedEventKind
{
    RunCreated,
    RunStarted,

    /// <summary>The run ended because its graph waits for an answer.</summary>
    RunPaused,
    RunEnded,
    RunDeleted,
    ThreadCreated,

    /// <summary>The metadata, the time to live or the state of a thread was changed by something else than a run.</summary>
    ThreadChanged,
    ThreadDeleted,
    ItemChanged,
    CronFired,

    /// <summary>The webhook of a run was given up.</summary>
    WebhookFailed,
}

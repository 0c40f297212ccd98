using Orleans;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Cluster;

/// <summary>A change that a server has published. See <see cref="FeedEvent"/>.</summary>
[GenerateSerializer, Alias("weft.Change"), Immutable]
internal sealed record ChangeMessage
{
    [Id(0)]
    public required int Kind { get; init; }

    [Id(1)]
    public required string Owner { get; init; }

    [Id(2)]
    public required DateTimeOffset At { get; init; }

    [Id(3)]
    public string? ThreadId { get; init; }

    [Id(4)]
    public Guid? RunId { get; init; }

    [Id(5)]
    public Guid? AssistantId { get; init; }

    [Id(6)]
    public RunStatus? Status { get; init; }

    [Id(7)]
    public Guid? CronId { get; init; }

    [Id(8)]
    public string? Namespace { get; init; }

    [Id(9)]
    public string? Key { get; init; }

    public static ChangeMessage Of(FeedEvent change) => new()
    {
        Kind = (int)change.Kind,
        Owner = change.Owner,
        At = change.At,
        ThreadId = change.ThreadId?.Value,
        RunId = change.RunId?.Value,
        AssistantId = change.AssistantId?.Value,
        Status = change.Status,
        CronId = change.CronId?.Value,
        Namespace = change.Namespace?.Path,
        Key = change.Key,
    };

    public FeedEvent ToEvent() => new((FeedEventKind)Kind, Owner, At)
    {
        ThreadId = ThreadId is { } threadId ? new ThreadId(threadId) : null,
        RunId = RunId is { } runId ? new RunId(runId) : null,
        AssistantId = AssistantId is { } assistantId ? new AssistantId(assistantId) : null,
        Status = Status,
        CronId = CronId is { } cronId ? new CronId(cronId) : null,
        Namespace = Namespace is { } path ? ItemNamespace.FromPath(path) : null,
        Key = Key,
    };
}

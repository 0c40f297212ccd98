using Orleans;
using Weft.Runs;

namespace Weft.Cluster;

/// <summary>A run that has not ended, as storage keeps it.</summary>
[GenerateSerializer, Alias("weft.Run"), Immutable]
internal sealed record RunMessage
{
    [Id(0)]
    public required Guid RunId { get; init; }

    [Id(1)]
    public required string ThreadId { get; init; }

    [Id(2)]
    public required string Owner { get; init; }

    [Id(3)]
    public required Guid AssistantId { get; init; }

    [Id(4)]
    public required RunStatus Status { get; init; }

    [Id(5)]
    public required int Attempt { get; init; }

    [Id(6)]
    public required long StartOrder { get; init; }

    [Id(7)]
    public required string Metadata { get; init; }

    [Id(8)]
    public required MultitaskStrategy MultitaskStrategy { get; init; }

    [Id(9)]
    public required byte[] Kwargs { get; init; }

    [Id(10)]
    public string? Headers { get; init; }

    [Id(11)]
    public DateTimeOffset? NotBefore { get; init; }

    [Id(12)]
    public DateTimeOffset? StartedAt { get; init; }

    [Id(13)]
    public required DateTimeOffset CreatedAt { get; init; }

    [Id(14)]
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>The end of the run, if the caller waits for it and the run has ended since.</summary>
    [Id(15)]
    public OutcomeMessage? Outcome { get; init; }

    public static RunMessage Of(RunRecord run) => new()
    {
        RunId = run.RunId.Value,
        ThreadId = run.ThreadId.Value,
        Owner = run.Owner,
        AssistantId = run.AssistantId.Value,
        Status = run.Status,
        Attempt = run.Attempt,
        StartOrder = run.StartOrder,
        Metadata = run.Metadata,
        MultitaskStrategy = run.MultitaskStrategy,
        Kwargs = run.Kwargs.ToArray(),
        Headers = run.Headers,
        NotBefore = run.NotBefore,
        StartedAt = run.StartedAt,
        CreatedAt = run.CreatedAt,
        UpdatedAt = run.UpdatedAt,
    };

    public RunRecord ToRecord() => new()
    {
        RunId = new RunId(RunId),
        ThreadId = new ThreadId(ThreadId),
        Owner = Owner,
        AssistantId = new AssistantId(AssistantId),
        Status = Status,
        Attempt = Attempt,
        StartOrder = StartOrder,
        Metadata = Metadata,
        MultitaskStrategy = MultitaskStrategy,
        Kwargs = Kwargs,
        Headers = Headers,
        NotBefore = NotBefore,
        StartedAt = StartedAt,
        CreatedAt = CreatedAt,
        UpdatedAt = UpdatedAt,
    };
}

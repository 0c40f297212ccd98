using Orleans;
using Weft.Runs;

namespace Weft.Cluster;

/// <summary>The log of a run, without its events. See <see cref="RunLogInfo"/>.</summary>
[GenerateSerializer, Alias("weft.Log"), Immutable]
internal sealed record LogMessage
{
    [Id(0)]
    public required Guid RunId { get; init; }

    [Id(1)]
    public required string ThreadId { get; init; }

    [Id(2)]
    public required long StartOrder { get; init; }

    [Id(3)]
    public required string[] Modes { get; init; }

    [Id(4)]
    public required string[] FeedbackKeys { get; init; }

    [Id(5)]
    public required bool IsStored { get; init; }

    [Id(6)]
    public required long FirstSeq { get; init; }

    [Id(7)]
    public required long OldestSeq { get; init; }

    [Id(8)]
    public required long NextSeq { get; init; }

    [Id(9)]
    public required bool HasBeenRead { get; init; }

    public static LogMessage Of(RunLogInfo log) => new()
    {
        RunId = log.RunId.Value,
        ThreadId = log.ThreadId.Value,
        StartOrder = log.StartOrder,
        Modes = [.. log.Modes],
        FeedbackKeys = [.. log.FeedbackKeys],
        IsStored = log.IsStored,
        FirstSeq = log.FirstSeq,
        OldestSeq = log.OldestSeq,
        NextSeq = log.NextSeq,
        HasBeenRead = log.HasBeenRead,
    };

    public RunLogInfo ToInfo() => new()
    {
        RunId = new RunId(RunId),
        ThreadId = new ThreadId(ThreadId),
        StartOrder = StartOrder,
        Modes = Modes,
        FeedbackKeys = FeedbackKeys,
        IsStored = IsStored,
        FirstSeq = FirstSeq,
        OldestSeq = OldestSeq,
        NextSeq = NextSeq,
        HasBeenRead = HasBeenRead,
    };
}

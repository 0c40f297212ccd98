using Orleans;
using Weft.Runs;

namespace Weft.Cluster;

/// <summary>Names a run in a call.</summary>
[GenerateSerializer, Alias("weft.RunRef"), Immutable]
internal sealed record RunRef
{
    [Id(0)]
    public required string Owner { get; init; }

    [Id(1)]
    public required string ThreadId { get; init; }

    [Id(2)]
    public required Guid RunId { get; init; }

    public static RunRef Of(RunRecord run) =>
        new() { Owner = run.Owner, ThreadId = run.ThreadId.Value, RunId = run.RunId.Value };
}

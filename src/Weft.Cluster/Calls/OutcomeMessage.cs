using System.Buffers;
using Orleans;
using Weft.Runs;

namespace Weft.Cluster;

/// <summary>The end of a run, for a server that waits for it.</summary>
[GenerateSerializer, Alias("weft.Outcome"), Immutable]
internal sealed record OutcomeMessage
{
    [Id(0)]
    public required RunStatus Status { get; init; }

    /// <summary>The last state with its interrupts: a JSON object.</summary>
    [Id(1)]
    public required byte[] Values { get; init; }

    [Id(2)]
    public string? FailureName { get; init; }

    [Id(3)]
    public string? FailureMessage { get; init; }

    [Id(4)]
    public string[]? UnknownInterruptIds { get; init; }

    [Id(5)]
    public string[]? PendingInterruptIds { get; init; }

    [Id(6)]
    public DateTimeOffset? StartedAt { get; init; }

    public static OutcomeMessage Of(RunOutcome outcome)
    {
        var values = new ArrayBufferWriter<byte>();
        outcome.WriteValues(values);
        return new OutcomeMessage
        {
            Status = outcome.Status,
            Values = values.WrittenSpan.ToArray(),
            FailureName = outcome.Failure?.Name,
            FailureMessage = outcome.Failure?.Message,
            UnknownInterruptIds = outcome.Failure?.UnknownInterruptIds?.ToArray(),
            PendingInterruptIds = outcome.Failure?.PendingInterruptIds?.ToArray(),
            StartedAt = outcome.StartedAt,
        };
    }

    public RunOutcome ToOutcome() => new(Status, (ReadOnlyMemory<byte>)Values, FailureOf()) { StartedAt = StartedAt };

    private RunFailure? FailureOf() => FailureName is null ? null : new RunFailure(FailureName, FailureMessage ?? "")
    {
        UnknownInterruptIds = UnknownInterruptIds,
        PendingInterruptIds = PendingInterruptIds,
    };
}

namespace Weft.Runs;

/// <summary>What another server needs to know of the log of a run to keep a copy of it.</summary>
internal sealed record RunLogInfo
{
    public required RunId RunId { get; init; }

    public required ThreadId ThreadId { get; init; }

    /// <summary>As <see cref="RunRecord.StartOrder"/>.</summary>
    public required long StartOrder { get; init; }

    public required IReadOnlyList<string> Modes { get; init; }

    public required IReadOnlyList<string> FeedbackKeys { get; init; }

    /// <summary>Whether all of its events are stored too.</summary>
    public required bool IsStored { get; init; }

    /// <summary>The number of the first event that the log may have had.</summary>
    public required long FirstSeq { get; init; }

    /// <summary>The number of the first event that can be copied.</summary>
    public required long OldestSeq { get; init; }

    /// <summary>The number of the next event.</summary>
    public required long NextSeq { get; init; }

    /// <summary>As <see cref="RunStream.HasBeenRead"/>.</summary>
    public required bool HasBeenRead { get; init; }

    public static RunLogInfo Of(RunStream stream)
    {
        var next = stream.NextSeq;
        if (stream is { Store: not null, HasEnded: true })
        {
            // The copy needs the last event, which is not read from the store.
            next--;
        }

        return new RunLogInfo
        {
            RunId = stream.RunId,
            ThreadId = stream.ThreadId,
            StartOrder = stream.StartOrder,
            Modes = stream.Modes,
            FeedbackKeys = stream.FeedbackKeys,
            IsStored = stream.IsStoredWhole,
            FirstSeq = stream.FirstSeq,
            OldestSeq = stream.FirstSeqInMemory ?? next,
            NextSeq = next,
            HasBeenRead = stream.HasBeenRead,
        };
    }
}

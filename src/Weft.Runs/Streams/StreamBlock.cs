namespace Weft.Runs;

/// <summary>Events of a run that follow each other, as a store keeps them.</summary>
/// <param name="FirstSeq">The place of the first event in the run's log, from 0.</param>
/// <param name="LastSeq">The place of the last event.</param>
/// <param name="Data">The events.</param>
/// <param name="CreatedAt">When the first event was published.</param>
public sealed record StreamBlock(long FirstSeq, long LastSeq, ReadOnlyMemory<byte> Data, DateTimeOffset CreatedAt)
{
    /// <summary>The version of the form of <see cref="Data"/>.</summary>
    public required int Format { get; init; }

    /// <summary>The number of events.</summary>
    public long Count => LastSeq - FirstSeq + 1;
}

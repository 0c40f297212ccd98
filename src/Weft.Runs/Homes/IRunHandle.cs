namespace Weft.Runs;

/// <summary>A run that has not ended, for callers outside its home.</summary>
internal interface IRunHandle
{
    /// <summary>The run as it was stored when its home received it.</summary>
    RunRecord Record { get; }

    /// <summary>Returns its event log.</summary>
    ValueTask<RunStream> OpenStreamAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Returns what the attempt that executes has done until now, as <see cref="TimelineCodec"/> encodes it; empty if that is not
    /// known.
    /// </summary>
    ValueTask<ReadOnlyMemory<byte>> ReadTimelineAsync(CancellationToken cancellationToken);

    /// <summary>Completes when the end of the run is stored.</summary>
    Task<RunOutcome> Ended { get; }
}

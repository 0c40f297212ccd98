namespace Weft.Runs;

/// <summary>A run that has not ended, for callers outside its home.</summary>
internal interface IRunHandle
{
    /// <summary>The run as it was stored when its home received it.</summary>
    RunRecord Record { get; }

    /// <summary>Its event log.</summary>
    RunStream Stream { get; }

    /// <summary>Completes when the end of the run is stored.</summary>
    Task<RunOutcome> Ended { get; }
}

namespace Weft.Runs;

/// <summary>What a request to cancel a run has done.</summary>
internal enum CancelResult
{
    /// <summary>Nothing, because the run had ended before.</summary>
    HadEnded,

    /// <summary>The request is stored. The run ends soon.</summary>
    Requested,

    /// <summary>The run did not execute, and its end is stored.</summary>
    Ended,
}

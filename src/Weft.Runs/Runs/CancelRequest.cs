namespace Weft.Runs;

/// <summary>A request to cancel a run.</summary>
/// <param name="Action">What to do with the run.</param>
/// <param name="Reason">The reason; null if none was given.</param>
public sealed record CancelRequest(CancelAction Action, string? Reason = null);

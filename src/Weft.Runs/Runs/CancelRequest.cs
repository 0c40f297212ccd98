namespace Weft.Runs;

/// <summary>That a run is to be cancelled.</summary>
/// <param name="Action">What to do with it.</param>
/// <param name="Reason">Why, when it was said.</param>
public sealed record CancelRequest(CancelAction Action, string? Reason = null);

namespace Weft.Runs;

/// <summary>The events of one owner in the feed, which guards it with its lock.</summary>
internal sealed class FeedOwner
{
    /// <summary>The number of the oldest event that is kept; 0 if there is none.</summary>
    public long First { get; set; }

    /// <summary>The number of the newest event, also of one that was removed; 0 if none is known.</summary>
    public long Last { get; set; }

    /// <summary>The number of the newest event that was removed, or a greater one if it is not known; 0 if none was removed.</summary>
    public long Removed { get; set; }

    /// <summary>How many readers it has.</summary>
    public int Readers { get; set; }

    /// <summary>Completes with the next event; null if no reader waits.</summary>
    public TaskCompletionSource? Published { get; set; }
}

namespace Weft.Runs;

/// <summary>A position in the feed of one owner. Not safe for concurrent use.</summary>
internal sealed class FeedReader(EventFeed feed, string name, FeedOwner owner, long after) : IDisposable
{
    private long _last = after;

    /// <summary>Reads the next events.</summary>
    /// <param name="buffer">Where to.</param>
    /// <param name="gap">The number of the last event that was removed before it could be read; null if none was.</param>
    /// <returns>The number of events that were read.</returns>
    public int Read(Span<(long Number, FeedEvent Event)> buffer, out long? gap) => feed.Read(owner, ref _last, buffer, out gap);

    /// <summary>Returns a task that completes when there may be an event to read.</summary>
    public Task WaitAsync() => feed.WaitAsync(owner, _last);

    public void Dispose() => feed.Close(name, owner);
}

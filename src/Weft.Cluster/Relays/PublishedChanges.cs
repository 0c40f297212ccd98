using System.Collections.Immutable;
using Weft.Runs;

namespace Weft.Cluster;

/// <summary>Passes each change that this server publishes to the servers that have readers of the feed.</summary>
internal sealed class PublishedChanges(EventFeed feed)
{
    private readonly Lock _lock = new();
    private ImmutableArray<FeedSource> _sources = [];

    public void Add(FeedSource source) => Change(sources => sources.Add(source));

    public void Remove(FeedSource source) => Change(sources => sources.Remove(source));

    private void Change(Func<ImmutableArray<FeedSource>, ImmutableArray<FeedSource>> change)
    {
        lock (_lock)
        {
            _sources = change(_sources);
            feed.Forward = _sources.IsEmpty ? null : Forward;
        }
    }

    private void Forward(FeedEvent change)
    {
        foreach (var source in _sources)
        {
            source.Add(change);
        }
    }
}

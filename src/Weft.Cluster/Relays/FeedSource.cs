using Weft.Runs;

namespace Weft.Cluster;

/// <summary>The changes that this server publishes, for another server.</summary>
internal sealed class FeedSource(RelaySender sender, long number, PublishedChanges published) : RelaySource(number)
{
    private const int ChangesMax = 10_000;
    private const int BytesOfChange = 200;

    private readonly Lock _lock = new();
    private readonly Queue<FeedEvent> _changes = new();
    private bool _isReady;

    public override void Start() => published.Add(this);

    public override void Collect(List<RelayNews> news, ref int left)
    {
        FeedEvent[] changes;
        lock (_lock)
        {
            changes = [.. _changes];
            _changes.Clear();
            _isReady = false;
        }

        left -= changes.Length * BytesOfChange;
        news.Add(new RelayNews { Number = Number, Changes = [.. changes.Select(ChangeMessage.Of)] });
    }

    public override void Dispose() => published.Remove(this);

    public void Add(FeedEvent change)
    {
        lock (_lock)
        {
            if (_changes.Count == ChangesMax)
            {
                // The other server does not ask, so it has no readers, or is about to be declared dead.
                _changes.Dequeue();
            }

            _changes.Enqueue(change);
            if (_isReady)
            {
                return;
            }

            _isReady = true;
        }

        sender.Ready(this);
    }
}

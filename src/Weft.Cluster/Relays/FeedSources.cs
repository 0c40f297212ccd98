using System.Collections.Concurrent;
using Orleans.Runtime;
using Weft.Runs;

namespace Weft.Cluster;

/// <summary>Publishes the changes of other servers here, as long as the feed has readers.</summary>
internal sealed class FeedSources(
    EventFeed feed, Relays relays, ServerDirectory servers, ILocalSiloDetails here, TimeProvider time) : IFeedSources
{
    // A reader that is gone often comes back soon.
    private static readonly TimeSpan KeepTime = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<int, Source> _sources = new();
    private long _usedAt;

    /// <summary>Whether a reader needs the changes of other servers, or has needed them recently.</summary>
    private bool IsUsed => feed.Readers > 0 || time.GetElapsedTime(Volatile.Read(ref _usedAt)) < KeepTime;

    public async Task FollowAsync(CancellationToken cancellationToken)
    {
        Volatile.Write(ref _usedAt, time.GetTimestamp());
        foreach (var address in servers.Others(here.SiloAddress))
        {
            if (await servers.FindKeyAsync(address, cancellationToken) is { } server
                && new Source(this, server) is var source
                && _sources.TryAdd(server, source))
            {
                await TrySubscribeAsync(server, source, cancellationToken);
            }
        }
    }

    /// <summary>Subscribes to servers that have joined since.</summary>
    public Task SweepAsync(CancellationToken cancellationToken) => feed.Readers > 0 ? FollowAsync(cancellationToken) : Task.CompletedTask;

    private async Task TrySubscribeAsync(int server, Source source, CancellationToken cancellationToken)
    {
        try
        {
            await relays.Of(server).SubscribeAsync(source, default, cancellationToken);
        }
        catch (Exception)
        {
            // The next sweep tries again.
            _sources.TryRemove(server, out _);
        }
    }

    private sealed class Source(FeedSources sources, int server) : IRelayReceiver
    {
        public SubscribeRequest Request(Guid relay, long number) =>
            new() { Relay = relay, Number = number, ThreadId = "", IsFeed = true };

        public void Begin(LogMessage[] logs)
        {
            // The feed has no logs.
        }

        public void Receive(RelayNews news)
        {
            foreach (var change in news.Changes)
            {
                sources.Add(change);
            }
        }

        public bool IsUnused()
        {
            if (sources.IsUsed)
            {
                return false;
            }

            sources.Remove(server);
            return true;
        }

        public void Lose() => sources.Remove(server);
    }

    private void Add(ChangeMessage change) => feed.Add(change.ToEvent());

    private void Remove(int server) => _sources.TryRemove(server, out _);
}

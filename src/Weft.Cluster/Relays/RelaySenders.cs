using System.Collections.Concurrent;
using Weft.Runs;

namespace Weft.Cluster;

/// <summary>Sends the events of runs on this server to other servers, which have readers of them.</summary>
internal sealed class RelaySenders(
    ThreadSessions sessions, RunStreams streams, FollowedThreads followed, PublishedChanges changes, ClusterOptions options, TimeProvider time)
{
    // A server that reads asks again within seconds.
    private static readonly TimeSpan IdleMax = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<Guid, RelaySender> _senders = new();

    /// <summary>Adds a subscription to a relay.</summary>
    /// <exception cref="ThreadElsewhereException">The run, or the home of the thread, is not here.</exception>
    public async Task<SubscribeReply> SubscribeAsync(SubscribeRequest request, CancellationToken cancellationToken)
    {
        var threadId = new ThreadId(request.ThreadId);
        if (request.RunId is { } runId)
        {
            var stream = await FindAsync(new RunKey(threadId, new RunId(runId)), cancellationToken);
            return new SubscribeReply { Logs = [SenderOf(request.Relay).Add(request, stream)] };
        }

        if (request.IsFeed)
        {
            SenderOf(request.Relay).Add(request, changes);
            return new SubscribeReply { Logs = [] };
        }

        // The reader follows the thread before this server becomes its home, so that it sees the first run that is created here.
        var sender = SenderOf(request.Relay);
        var source = sender.Add(request, threadId, streams);
        try
        {
            await followed.HoldAsync(threadId, request.Giver, cancellationToken);
        }
        catch
        {
            sender.Remove(request.Number);
            throw;
        }

        return new SubscribeReply { Logs = [.. source.TakeNew().Select(LogMessage.Of)] };
    }

    /// <summary>Waits for news of a relay.</summary>
    public Task<RelayReply> SendAsync(RelayRequest request, CancellationToken cancellationToken) =>
        _senders.TryGetValue(request.Relay, out var sender)
            ? sender.SendAsync(request, cancellationToken)
            : Task.FromResult(new RelayReply { Number = 0, News = [] });

    /// <summary>Ends the relays of servers that do not ask any more.</summary>
    public void Sweep()
    {
        foreach (var (relay, sender) in _senders)
        {
            if (time.GetElapsedTime(sender.UsedAt) > IdleMax && _senders.TryRemove(relay, out _))
            {
                sender.Dispose();
            }
        }
    }

    private RelaySender SenderOf(Guid relay) => _senders.GetOrAdd(relay, _ => new RelaySender(options.RelayPause, time));

    private async Task<RunStream> FindAsync(RunKey run, CancellationToken cancellationToken)
    {
        if (streams.Find(run.RunId) is { IsCopy: false, IsAbandoned: false } known)
        {
            return known;
        }

        using var visit = sessions.Open(run.ThreadId);
        return (await visit.Session.FindAsync(run.RunId, cancellationToken))?.Stream
            ?? throw new ThreadElsewhereException(run.ThreadId, null);
    }
}

using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Cluster;

/// <summary>
/// Receives what happens on one other server, as far as this one has readers of it: one call at a time for all subscriptions.
/// </summary>
internal sealed partial class Relay(int server, ServerCalls calls, ServerDirectory servers, TimeProvider time, ILogger<Relay> logger)
{
    private static readonly TimeSpan RetryWait = TimeSpan.FromMilliseconds(200);

    private readonly Lock _lock = new();
    private readonly ConcurrentDictionary<long, IRelayReceiver> _receivers = new();
    private readonly ConcurrentQueue<long> _ended = new();
    private Guid _relay = NewId.TimeOrdered(time);
    private long _lastNumber;
    private bool _isReceiving;

    /// <summary>Subscribes.</summary>
    /// <exception cref="ThreadElsewhereException">The run or the thread is not at that server.</exception>
    /// <exception cref="ServerUnreachableException">The server does not answer.</exception>
    public async Task SubscribeAsync(IRelayReceiver receiver, ThreadId threadId, CancellationToken cancellationToken)
    {
        var number = Interlocked.Increment(ref _lastNumber);
        // Its news may arrive before the answer.
        _receivers[number] = receiver;
        try
        {
            receiver.Begin(await SubscribeAsync(receiver, number, threadId, cancellationToken));
        }
        catch
        {
            End(number);
            throw;
        }

        lock (_lock)
        {
            if (!_isReceiving)
            {
                _isReceiving = true;
                _ = Task.Run(ReceiveAsync, CancellationToken.None);
            }
        }
    }

    private async Task<LogMessage[]> SubscribeAsync(
        IRelayReceiver receiver, long number, ThreadId threadId, CancellationToken cancellationToken)
    {
        var reply = await calls.CallAsync(
            server, (service, token) => service.SubscribeAsync(receiver.Request(_relay, number), token), cancellationToken);
        Replies.ThrowIfRefused(reply);
        return reply.Value?.Logs ?? throw new ThreadElsewhereException(threadId, reply.Home);
    }

    private async Task ReceiveAsync()
    {
        var received = RelayRequest.None;
        while (true)
        {
            RemoveUnused();
            lock (_lock)
            {
                if (_receivers.IsEmpty)
                {
                    // The other server forgets the relay after a while.
                    _isReceiving = false;
                    _relay = NewId.TimeOrdered(time);
                    _ended.Clear();
                    return;
                }
            }

            if (await TryCallAsync(received) is not { } reply)
            {
                continue;
            }

            if (reply.Number == 0)
            {
                received = RelayRequest.None;
                await SubscribeAgainAsync();
                continue;
            }

            received = reply.Number;
            foreach (var news in reply.News)
            {
                Receive(news);
            }
        }
    }

    private void Receive(RelayNews news)
    {
        if (!_receivers.TryGetValue(news.Number, out var receiver))
        {
            return;
        }

        try
        {
            receiver.Receive(news);
        }
        catch (Exception e)
        {
            // Only a later version of the server can read it.
            LogUnreadable(server, e);
            Lose(news.Number);
            return;
        }

        if (news.HasMoved)
        {
            Lose(news.Number);
        }
    }

    /// <summary>Asks for news. Returns null if the server did not answer; if it is dead, all subscriptions are lost.</summary>
    private async Task<RelayReply?> TryCallAsync(long received)
    {
        var ended = new List<long>();
        while (_ended.TryDequeue(out var number))
        {
            ended.Add(number);
        }

        try
        {
            var request = new RelayRequest { Relay = _relay, Received = received, Ended = [.. ended] };
            return await calls.WaitAsync(server, (service, token) => service.RelayAsync(request, token), CancellationToken.None);
        }
        catch (Exception e)
        {
            if (e is not (ServerUnreachableException or StorageUnavailableException))
            {
                LogFailed(server, e);
            }

            ended.ForEach(_ended.Enqueue);
            if (servers.IsDead(server))
            {
                foreach (var number in _receivers.Keys)
                {
                    Lose(number);
                }
            }
            else
            {
                await Task.Delay(RetryWait, time, CancellationToken.None);
            }

            return null;
        }
    }

    /// <summary>Subscribes again, because the server has forgotten the relay.</summary>
    private async Task SubscribeAgainAsync()
    {
        _relay = NewId.TimeOrdered(time);
        foreach (var (number, receiver) in _receivers)
        {
            try
            {
                var threadId = new ThreadId(receiver.Request(_relay, number).ThreadId);
                receiver.Begin(await SubscribeAsync(receiver, number, threadId, CancellationToken.None));
            }
            catch (Exception e)
            {
                if (e is not (ThreadElsewhereException or ServerUnreachableException or StorageUnavailableException))
                {
                    LogFailed(server, e);
                }

                Lose(number);
            }
        }
    }

    private void RemoveUnused()
    {
        foreach (var (number, receiver) in _receivers)
        {
            if (receiver.IsUnused())
            {
                End(number);
            }
        }
    }

    private void Lose(long number)
    {
        if (_receivers.TryRemove(number, out var receiver))
        {
            receiver.Lose();
        }
    }

    private void End(long number)
    {
        _receivers.TryRemove(number, out _);
        _ended.Enqueue(number);
    }

    [LoggerMessage(1, LogLevel.Error, "News from server {Server} could not be read.")]
    private partial void LogUnreadable(int server, Exception exception);

    [LoggerMessage(2, LogLevel.Error, "Server {Server} could not be asked for news; the next try follows soon.")]
    private partial void LogFailed(int server, Exception exception);
}

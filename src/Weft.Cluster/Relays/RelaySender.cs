using Weft.Runs;

namespace Weft.Cluster;

/// <summary>
/// Sends the events of any number of runs to one other server: one call at a time, which returns as soon as there is something.
/// The sender keeps its last reply, so that a call whose reply was lost can be repeated.
/// </summary>
internal sealed class RelaySender(TimeSpan pause, TimeProvider time) : IDisposable
{
    private const int BytesMax = 1_000_000;

    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly Dictionary<long, RelaySource> _sources = [];
    private readonly Queue<RelaySource> _ready = new();
    private readonly SemaphoreSlim _signal = new(0);
    private readonly SemaphoreSlim _turn = new(1, 1);
    private bool _isDisposed;
    private RelayReply _last = new() { Number = RelayRequest.None, News = [] };
    private long _usedAt = time.GetTimestamp();

    /// <summary>When the other server called last, as a time stamp.</summary>
    public long UsedAt => Volatile.Read(ref _usedAt);

    /// <summary>Adds the log of a run.</summary>
    public LogMessage Add(SubscribeRequest request, RunStream stream)
    {
        var info = RunLogInfo.Of(stream);
        // Stored events are read from the store at the other side.
        var after = request.After ?? (info.IsStored ? info.NextSeq : info.OldestSeq) - 1;
        stream.HasBeenRead = true;
        Start(new RunSource(this, request.Number, stream, after));
        return LogMessage.Of(info);
    }

    /// <summary>Adds a thread.</summary>
    public ThreadSource Add(SubscribeRequest request, ThreadId threadId, RunStreams streams)
    {
        var source = new ThreadSource(this, request, threadId, streams);
        Start(source);
        return source;
    }

    /// <summary>Adds the changes that this server publishes.</summary>
    public void Add(SubscribeRequest request, PublishedChanges changes) => Start(new FeedSource(this, request.Number, changes));

    /// <summary>Removes a subscription.</summary>
    public void Remove(long number)
    {
        RelaySource? source;
        lock (_lock)
        {
            _sources.Remove(number, out source);
        }

        source?.Dispose();
    }

    /// <summary>Returns news, or none after a while.</summary>
    public async Task<RelayReply> SendAsync(RelayRequest request, CancellationToken cancellationToken)
    {
        Volatile.Write(ref _usedAt, time.GetTimestamp());
        foreach (var number in request.Ended)
        {
            Remove(number);
        }

        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (_last.Number > request.Received)
            {
                return _last;
            }

            if (_last.News.Length > 0 && pause > TimeSpan.Zero)
            {
                await Task.Delay(pause, time, cancellationToken);
            }

            if (await _signal.WaitAsync(WaitMax, cancellationToken))
            {
                _last = new RelayReply { Number = _last.Number + 1, News = [.. Collect()] };
                return _last;
            }

            return new RelayReply { Number = _last.Number, News = [] };
        }
        finally
        {
            Volatile.Write(ref _usedAt, time.GetTimestamp());
            _turn.Release();
        }
    }

    /// <summary>Tells the sender that a source has news. It has to be told again after the source was asked for them.</summary>
    public void Ready(RelaySource source)
    {
        lock (_lock)
        {
            _ready.Enqueue(source);
            if (_ready.Count == 1)
            {
                _signal.Release();
            }
        }
    }

    public void Dispose()
    {
        RelaySource[] sources;
        lock (_lock)
        {
            _isDisposed = true;
            sources = [.. _sources.Values];
            _sources.Clear();
        }

        foreach (var source in sources)
        {
            source.Dispose();
        }
    }

    private void Start(RelaySource source)
    {
        lock (_lock)
        {
            if (_isDisposed)
            {
                // The other server is told that the relay is not known, and subscribes again.
                return;
            }

            _sources[source.Number] = source;
        }

        source.Start();
    }

    private List<RelayNews> Collect()
    {
        var news = new List<RelayNews>();
        var left = BytesMax;
        while (left > 0)
        {
            RelaySource? source;
            lock (_lock)
            {
                if (!_ready.TryDequeue(out source))
                {
                    return news;
                }
            }

            try
            {
                source.Collect(news, ref left);
            }
            catch (Exception)
            {
                // The other server subscribes again.
                news.Add(new RelayNews { Number = source.Number, HasMoved = true });
                Remove(source.Number);
            }
        }

        lock (_lock)
        {
            if (_ready.Count > 0)
            {
                _signal.Release();
            }
        }

        return news;
    }
}

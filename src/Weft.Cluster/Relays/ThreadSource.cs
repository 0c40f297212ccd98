using System.Collections.Concurrent;
using Weft.Runs;

namespace Weft.Cluster;

/// <summary>Tells another server of the runs of a thread that start here, and of edits of its state.</summary>
internal sealed class ThreadSource : RelaySource, IThreadFollower
{
    private readonly RelaySender _sender;
    private readonly RunStreams _streams;
    private readonly long _startOrder;
    private readonly HashSet<RunId> _known = [];
    private readonly ConcurrentQueue<RelayNews> _edits = new();
    private int _isReady;
    private volatile bool _isGiven;

    public ThreadSource(RelaySender sender, SubscribeRequest request, ThreadId threadId, RunStreams streams)
        : base(request.Number)
    {
        _sender = sender;
        _streams = streams;
        _startOrder = request.StartOrder;
        ThreadId = threadId;
        WantsAllEvents = request.WantsAllEvents;
    }

    public ThreadId ThreadId { get; }

    public bool WantsAllEvents { get; }

    public override void Start()
    {
        _streams.Threads.Follow(ThreadId, _ => this);
        if (WantsAllEvents)
        {
            _ = _streams.KeepAsync(ThreadId);
        }
    }

    /// <summary>
    /// Returns the logs that were not returned before, in their order. The log of a run that has ended on another server can only be read
    /// there.
    /// </summary>
    public IReadOnlyList<RunLogInfo> TakeNew()
    {
        var logs = _streams.Threads.List(ThreadId, _startOrder);
        lock (_known)
        {
            return [.. logs.Where(log => log is not { IsCopy: true, HasEnded: true } && _known.Add(log.RunId)).Select(RunLogInfo.Of)];
        }
    }

    public override void Collect(List<RelayNews> news, ref int left)
    {
        Volatile.Write(ref _isReady, 0);
        foreach (var log in TakeNew())
        {
            news.Add(new RelayNews { Number = Number, Started = LogMessage.Of(log) });
        }

        while (_edits.TryDequeue(out var edit))
        {
            news.Add(edit);
        }

        if (_isGiven)
        {
            // The other server subscribes at the new home.
            throw new ThreadElsewhereException(ThreadId, null);
        }
    }

    public override void Dispose() => _streams.Threads.Unfollow(this);

    void IThreadFollower.RunStarted() => Ready();

    void IThreadFollower.StateEdited(EditNotice edit)
    {
        _edits.Enqueue(new RelayNews
        {
            Number = Number,
            IsEdit = true,
            CheckpointId = edit.Address.CheckpointId,
            Namespace = edit.Address.Namespace,
        });
        Ready();
    }

    void IThreadFollower.ThreadGiven()
    {
        _isGiven = true;
        Ready();
    }

    void IThreadFollower.ThreadDeleted()
    {
        // All servers are told of deletions.
    }

    private void Ready()
    {
        if (Interlocked.Exchange(ref _isReady, 1) == 0)
        {
            _sender.Ready(this);
        }
    }
}

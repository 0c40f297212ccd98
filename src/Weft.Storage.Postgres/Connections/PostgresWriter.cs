using System.Threading.Channels;
using Weft.Runs;

namespace Weft.Storage.Postgres;

/// <summary>
/// Commits the writes of some threads, those of each thread in their order. Rows that wait while a group commits share the next
/// group. A write with a transaction of its own uses another connection, and only the later writes of its thread wait for it.
/// </summary>
internal sealed class PostgresWriter : IAsyncDisposable
{
    private readonly WriteCommits _commits;
    private readonly PostgresStorageOptions _options;

    // Any caller writes, the loop reads. If the queue is full, callers wait in the order in which they came.
    private readonly Channel<WriteOperation> _queue;

    // The threads whose lone write has ended. Lone writes write, the loop reads.
    private readonly Channel<ThreadId> _ended = Channel.CreateUnbounded<ThreadId>(new UnboundedChannelOptions { SingleReader = true });

    // The threads with a lone write under way, and the writes that wait for it. Only the loop uses the fields below.
    private readonly Dictionary<ThreadId, Queue<WriteOperation>> _held = [];
    private readonly List<RowWrite> _group = [];
    private readonly List<LoneWrite> _lone = [];
    private int _heldWrites;
    private int _groupBytes;
    private Task<bool>? _queued;
    private Task<bool>? _released;

    private readonly Task _loop;

    public PostgresWriter(WriteCommits commits, PostgresStorageOptions options)
    {
        _commits = commits;
        _options = options;
        _queue = Channel.CreateBounded<WriteOperation>(new BoundedChannelOptions(options.QueuedWritesMax) { SingleReader = true });
        _loop = Task.Run(RunAsync);
    }

    private bool IsFull => _heldWrites >= _options.QueuedWritesMax;

    /// <summary>Queues a write, which is completed when it is committed. It can be cancelled until it is queued.</summary>
    public ValueTask QueueAsync(WriteOperation write, CancellationToken cancellationToken) =>
        _queue.Writer.WriteAsync(write, cancellationToken);

    /// <summary>Commits the queued writes.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _loop;
    }

    private async Task RunAsync()
    {
        while (await WaitAsync())
        {
            Gather();
            if (_group.Count > 0)
            {
                await _commits.CommitAsync(_group);
                _group.Clear();
                _groupBytes = 0;
            }

            foreach (var write in _lone)
            {
                _ = CommitAsync(write);
            }

            _lone.Clear();
        }
    }

    /// <summary>Waits until there is something to do. Returns false when all is done and nothing more will come.</summary>
    private async Task<bool> WaitAsync()
    {
        while (!_ended.Reader.TryPeek(out _) && (IsFull || !_queue.Reader.TryPeek(out _)))
        {
            var isClosed = _queue.Reader.Completion.IsCompleted;
            if (isClosed && _held.Count == 0)
            {
                return false;
            }

            _released = _released is { IsCompleted: false } ? _released : _ended.Reader.WaitToReadAsync().AsTask();
            if (isClosed || IsFull)
            {
                await _released;
            }
            else
            {
                _queued = _queued is { IsCompleted: false } ? _queued : _queue.Reader.WaitToReadAsync().AsTask();
                await Task.WhenAny(_queued, _released);
            }
        }

        return true;
    }

    private void Gather()
    {
        while (_ended.Reader.TryRead(out var threadId))
        {
            _held.Remove(threadId, out var waiting);
            _heldWrites -= waiting!.Count;
            foreach (var write in waiting)
            {
                Take(write);
            }
        }

        while (_group.Count < _options.GroupedWritesMax
            && _groupBytes < _options.GroupedBytesMax
            && !IsFull
            && _queue.Reader.TryRead(out var write))
        {
            Take(write);
        }
    }

    private void Take(WriteOperation write)
    {
        if (_held.TryGetValue(write.ThreadId, out var waiting))
        {
            waiting.Enqueue(write);
            _heldWrites++;
        }
        else if (write is RowWrite row)
        {
            _group.Add(row);
            _groupBytes += row.Bytes;
        }
        else
        {
            // It begins after the group, in which its thread may have writes.
            _held.Add(write.ThreadId, new Queue<WriteOperation>());
            _lone.Add((LoneWrite)write);
        }
    }

    private async Task CommitAsync(LoneWrite write)
    {
        await _commits.CommitAsync(write);
        _ended.Writer.TryWrite(write.ThreadId);
    }
}

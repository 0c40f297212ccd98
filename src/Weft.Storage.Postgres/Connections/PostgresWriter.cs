using System.Threading.Channels;
using Weft.Runs;

namespace Weft.Storage.Postgres;

/// <summary>
/// Commits the writes of some threads, those of each thread in their order. Rows that wait while a group commits share the next
/// group. A write with a transaction of its own uses another connection, and only the later writes of its thread wait for it.
/// </summary>
internal sealed class PostgresWriter : IAsyncDisposable
{
    // Threads share a counter by their hash, which costs a read that need not wait at most a wait.
    private const int CountersMask = 1023;

    private readonly WriteCommits _commits;
    private readonly PostgresStorageOptions _options;

    // The numbers of writes that are not committed.
    private readonly int[] _uncommitted = new int[CountersMask + 1];

    // Any caller writes, the loop reads. If the queue is full, callers wait in the order in which they came.
    private readonly Channel<WriteOperation> _queue;

    // The threads whose lone write has ended. Lone writes write, the loop reads.
    private readonly Channel<ThreadId> _ended = Channel.CreateUnbounded<ThreadId>(new UnboundedChannelOptions { SingleReader = true });

    // The threads with a lone write under way, and the writes that wait for it. Only the loop uses the fields below.
    private readonly Dictionary<ThreadId, Queue<WriteOperation>> _held = [];
    private readonly List<RowWrite> _group = [];
    private readonly List<LoneWrite> _lone = [];
    private readonly List<ReadMark> _marks = [];
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
    public ValueTask QueueAsync(WriteOperation write, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref CounterOf(write.ThreadId));
        var queued = _queue.Writer.WriteAsync(write, cancellationToken);
        return queued.IsCompletedSuccessfully ? queued : AfterQueuedAsync(queued, write.ThreadId);
    }

    /// <summary>Waits for the writes of a thread that are queued now.</summary>
    public async ValueTask AfterWritesAsync(ThreadId threadId, CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref CounterOf(threadId)) == 0)
        {
            return;
        }

        var mark = new ReadMark(threadId);
        try
        {
            await _queue.Writer.WriteAsync(mark, cancellationToken);
        }
        catch (ChannelClosedException)
        {
            // The database is being closed. The read says so.
            return;
        }

        await mark.Reached.WaitAsync(cancellationToken);
    }

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
                foreach (var write in _group)
                {
                    Interlocked.Decrement(ref CounterOf(write.ThreadId));
                }

                _group.Clear();
                _groupBytes = 0;
            }

            _marks.ForEach(static mark => mark.Complete());
            _marks.Clear();

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
        else if (write is ReadMark mark)
        {
            // The writes before it are committed, or are in the group.
            _marks.Add(mark);
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
        Interlocked.Decrement(ref CounterOf(write.ThreadId));
        _ended.Writer.TryWrite(write.ThreadId);
    }

    private async ValueTask AfterQueuedAsync(ValueTask queued, ThreadId threadId)
    {
        try
        {
            await queued;
        }
        catch
        {
            Interlocked.Decrement(ref CounterOf(threadId));
            throw;
        }
    }

    private ref int CounterOf(ThreadId threadId) => ref _uncommitted[threadId.GetHashCode() & CountersMask];
}

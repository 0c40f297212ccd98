using System.Diagnostics.CodeAnalysis;

namespace Weft.Runs;

/// <summary>Keeps the newest states of the threads that were used last, so that a turn does not read its thread again.</summary>
/// <remarks>
/// Entries are put only after their commit. Whoever removes checkpoints removes the entry. Who reads a head does not hold the
/// thread's gate, so what he read may be gone when he puts it, or have a successor whose entry could not be put or has had to
/// go already; and who is told of a commit late may be told after that of a later one: that is what the version is for.
/// </remarks>
internal sealed class ThreadHeadCache(RunsOptions options)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ThreadId, LinkedListNode<Entry>> _entries = [];
    private readonly LinkedList<Entry> _byUse = new();
    private readonly int[] _removals = new int[1024];
    private long _bytes;

    /// <summary>Changes when an entry of the thread is removed. Asked before a read or a write whose result is put.</summary>
    public int VersionOf(ThreadId threadId)
    {
        lock (_lock)
        {
            return _removals[SlotOf(threadId)];
        }
    }

    public bool TryGet(ThreadId threadId, [NotNullWhen(true)] out ThreadHead? head)
    {
        lock (_lock)
        {
            if (!_entries.TryGetValue(threadId, out var node))
            {
                head = null;
                return false;
            }

            _byUse.Remove(node);
            _byUse.AddFirst(node);
            head = node.Value.Head;
            return true;
        }
    }

    /// <summary>Puts a head that was read.</summary>
    /// <param name="threadId">The thread.</param>
    /// <param name="head">Its newest state.</param>
    /// <param name="version">The version before the head was read; when it has changed nothing is put.</param>
    public void PutRead(ThreadId threadId, ThreadHead head, int version) => TryPut(threadId, head, version);

    /// <summary>Puts a head that was written.</summary>
    /// <param name="threadId">The thread.</param>
    /// <param name="head">Its newest state.</param>
    /// <param name="version">
    /// The version before the head was written; when it has changed nothing is put, and what others have read in the meantime,
    /// perhaps from before this commit, has to go.
    /// </param>
    public void PutWritten(ThreadId threadId, ThreadHead head, int version)
    {
        if (!TryPut(threadId, head, version))
        {
            Remove(threadId);
        }
    }

    public void Remove(ThreadId threadId)
    {
        lock (_lock)
        {
            _removals[SlotOf(threadId)]++;
            if (_entries.TryGetValue(threadId, out var node))
            {
                Remove(node);
            }
        }
    }

    private bool TryPut(ThreadId threadId, ThreadHead head, int version)
    {
        var entry = new Entry(threadId, head, head.EstimateBytes());
        lock (_lock)
        {
            if (version != _removals[SlotOf(threadId)])
            {
                return false;
            }

            if (_entries.TryGetValue(threadId, out var node))
            {
                if ((node.Value.Head.Ordinal, node.Value.Head.Revision).CompareTo((head.Ordinal, head.Revision)) > 0)
                {
                    // Two commits may be told of in another order than they were made in.
                    return true;
                }

                _bytes += entry.Bytes - node.Value.Bytes;
                node.Value = entry;
            }
            else
            {
                _entries[threadId] = _byUse.AddFirst(entry);
                _bytes += entry.Bytes;
            }

            // The last one stays, however large: the next turn is most likely its own.
            while (_entries.Count > 1 && (_entries.Count > options.CachedThreadsMax || _bytes > options.CachedBytesMax))
            {
                Remove(_byUse.Last!);
            }

            return true;
        }
    }

    private void Remove(LinkedListNode<Entry> node)
    {
        _removals[SlotOf(node.Value.ThreadId)]++;
        _entries.Remove(node.Value.ThreadId);
        _byUse.Remove(node);
        _bytes -= node.Value.Bytes;
    }

    private int SlotOf(ThreadId threadId) => (int)((uint)threadId.GetHashCode() % (uint)_removals.Length);

    private readonly record struct Entry(ThreadId ThreadId, ThreadHead Head, long Bytes);
}

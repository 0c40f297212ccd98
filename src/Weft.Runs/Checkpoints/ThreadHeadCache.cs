using System.Diagnostics.CodeAnalysis;

namespace Weft.Runs;

/// <summary>Keeps the newest states of the threads that were used last, so that a turn does not read its thread again.</summary>
/// <remarks>Entries are put only after their commit. Whoever removes checkpoints removes the entry.</remarks>
internal sealed class ThreadHeadCache(RunsOptions options)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ThreadId, LinkedListNode<Entry>> _entries = [];
    private readonly LinkedList<Entry> _byUse = new();
    private long _bytes;

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

    public void Put(ThreadId threadId, ThreadHead head)
    {
        var entry = new Entry(threadId, head, head.State.Values.EstimateBytes());
        lock (_lock)
        {
            if (_entries.TryGetValue(threadId, out var node))
            {
                if ((node.Value.Head.Ordinal, node.Value.Head.Revision).CompareTo((head.Ordinal, head.Revision)) > 0)
                {
                    // Two commits may be told of in another order than they were made in.
                    return;
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
        }
    }

    public void Remove(ThreadId threadId)
    {
        lock (_lock)
        {
            if (_entries.TryGetValue(threadId, out var node))
            {
                Remove(node);
            }
        }
    }

    private void Remove(LinkedListNode<Entry> node)
    {
        _entries.Remove(node.Value.ThreadId);
        _byUse.Remove(node);
        _bytes -= node.Value.Bytes;
    }

    private readonly record struct Entry(ThreadId ThreadId, ThreadHead Head, long Bytes);
}

using System.Diagnostics.CodeAnalysis;

namespace Weft.Runs;

/// <summary>Keeps the newest states of the threads that were used last, so that a turn does not read its thread again.</summary>
/// <remarks>Entries are put only after their commit. Whoever removes checkpoints removes the entry.</remarks>
internal sealed class ThreadHeadCache(RunsOptions options)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ThreadId, LinkedListNode<(ThreadId ThreadId, ThreadHead Head)>> _entries = [];
    private readonly LinkedList<(ThreadId ThreadId, ThreadHead Head)> _byUse = new();

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
        lock (_lock)
        {
            if (_entries.TryGetValue(threadId, out var node))
            {
                if ((node.Value.Head.Ordinal, node.Value.Head.Revision).CompareTo((head.Ordinal, head.Revision)) > 0)
                {
                    // Two commits may be told of in another order than they were made in.
                    return;
                }

                node.Value = (threadId, head);
                return;
            }

            _entries[threadId] = _byUse.AddFirst((threadId, head));
            if (_entries.Count > options.CachedThreadsMax)
            {
                _entries.Remove(_byUse.Last!.Value.ThreadId);
                _byUse.RemoveLast();
            }
        }
    }

    public void Remove(ThreadId threadId)
    {
        lock (_lock)
        {
            if (_entries.Remove(threadId, out var node))
            {
                _byUse.Remove(node);
            }
        }
    }
}

using System.Diagnostics.CodeAnalysis;

namespace Weft.Runs;

/// <summary>
/// Caches the newest states of the threads that were used last, so that a turn does not read its thread again.
/// </summary>
/// <remarks>
/// An entry is put only after its commit. Code that removes checkpoints also removes the entry. Readers do not lock the
/// thread. A head that they read may be removed before they put it, or it may have a successor whose entry could not be
/// put or was already evicted. Writers may put their heads in another order than their commits. If the newer entry is
/// cached, ordinal and revision show that a head is older. If it was removed, the version shows that.
/// In a cluster other servers write too. While this server has runs of a thread, no other one changes its state. After that its entry
/// waits with the version that the end of the last run gave the thread, and is right as long as the thread has that version.
/// </remarks>
internal sealed class ThreadHeadCache(RunsOptions options, ServerIdentity? server = null)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ThreadId, LinkedListNode<Entry>> _entries = [];
    private readonly LinkedList<Entry> _byUse = new();
    private readonly Dictionary<ThreadId, DateTimeOffset?> _kept = [];
    private readonly int[] _removals = new int[1024];
    private long _bytes;

    /// <summary>
    /// Changes when an entry of the thread is removed. Callers get it before the read or the write whose result they
    /// put.
    /// </summary>
    public int VersionOf(ThreadId threadId)
    {
        lock (_lock)
        {
            return _removals[SlotOf(threadId)];
        }
    }

    /// <summary>Whether the entry of a thread that has no runs here is right. The thread was read from storage.</summary>
    public bool IsCurrent(ThreadRecord thread)
    {
        if (server?.Key is null)
        {
            return false;
        }

        lock (_lock)
        {
            return !_kept.ContainsKey(thread.ThreadId) && IsCurrentLocked(thread);
        }
    }

    /// <summary>
    /// Says that this server has a new run of a thread. If that is the first one, the entry of the thread counts only if it is
    /// current, and no other version was there when the run was stored. Without a cluster that does not matter.
    /// </summary>
    public void Admit(ThreadRecord thread, bool isCurrent)
    {
        if (server?.Key is null)
        {
            return;
        }

        lock (_lock)
        {
            if (!_kept.ContainsKey(thread.ThreadId) && !isCurrent)
            {
                RemoveLocked(thread.ThreadId);
            }

            _kept[thread.ThreadId] = thread.CreatedAt;
        }
    }

    /// <summary>Sets whether a thread has runs on this server. Without a cluster that does not matter.</summary>
    public void Keep(ThreadId threadId, bool isKept)
    {
        if (server?.Key is null)
        {
            return;
        }

        lock (_lock)
        {
            if (isKept)
            {
                if (_kept.TryAdd(threadId, null))
                {
                    RemoveLocked(threadId);
                }
            }
            else if (_kept.Remove(threadId) && _entries.TryGetValue(threadId, out var node) && node.Value.Stamp is null)
            {
                RemoveLocked(threadId);
            }
        }
    }

    /// <summary>
    /// Says which version a thread with runs on this server has with a head, after the end of one of them. If that is not known (0),
    /// the end may have been stored long ago, and another server may have had the thread since. Without a cluster nothing happens.
    /// </summary>
    public void Stamp(ThreadId threadId, ThreadHead head, long version)
    {
        if (server?.Key is null)
        {
            return;
        }

        lock (_lock)
        {
            if (version == 0)
            {
                RemoveLocked(threadId);
            }
            else if (_kept.TryGetValue(threadId, out var createdAt) && createdAt is { } at
                && _entries.TryGetValue(threadId, out var node) && ReferenceEquals(node.Value.Head, head))
            {
                node.Value = node.Value with { Stamp = new Stamps(Rounded(at), version) };
            }
        }
    }

    public bool TryGet(ThreadId threadId, [NotNullWhen(true)] out ThreadHead? head)
    {
        lock (_lock)
        {
            if (!_entries.TryGetValue(threadId, out var node) || (server?.Key is not null && !_kept.ContainsKey(threadId)))
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
    /// <param name="version">
    /// The version before the head was read. If it has changed since then, nothing is put.
    /// </param>
    public void PutRead(ThreadId threadId, ThreadHead head, int version) => TryPut(threadId, head, version);

    /// <summary>Puts a head that was written.</summary>
    /// <param name="threadId">The thread.</param>
    /// <param name="head">Its newest state.</param>
    /// <param name="version">
    /// The version before the head was written. If it has changed since then, nothing is put, and the current entry is
    /// removed, because a reader may have read it before this commit.
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
            RemoveLocked(threadId);
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

            if (server?.Key is not null && !_kept.ContainsKey(threadId))
            {
                return true;
            }

            if (_entries.TryGetValue(threadId, out var node))
            {
                if ((node.Value.Head.Ordinal, node.Value.Head.Revision).CompareTo((head.Ordinal, head.Revision)) > 0)
                {
                    // The commits of two heads may be reported in another order than they were made.
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

            // The last entry stays, however large it is, because the next turn is most likely on its thread.
            while (_entries.Count > 1 && (_entries.Count > options.CachedThreadsMax || _bytes > options.CachedBytesMax))
            {
                Remove(_byUse.Last!);
            }

            return true;
        }
    }

    /// <summary>The caller holds the lock.</summary>
    private bool IsCurrentLocked(ThreadRecord thread) =>
        _entries.TryGetValue(thread.ThreadId, out var node) && node.Value.Stamp == new Stamps(Rounded(thread.CreatedAt), thread.Version);

    // As storage rounds it.
    private static long Rounded(DateTimeOffset time) => time.UtcTicks / TimeSpan.TicksPerMicrosecond;

    /// <summary>The caller holds the lock.</summary>
    private void RemoveLocked(ThreadId threadId)
    {
        _removals[SlotOf(threadId)]++;
        if (_entries.TryGetValue(threadId, out var node))
        {
            Remove(node);
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

    /// <summary>When a thread was created and its version. A thread with the same id that is created later has another time.</summary>
    private readonly record struct Stamps(long CreatedAt, long Version);

    private readonly record struct Entry(ThreadId ThreadId, ThreadHead Head, long Bytes, Stamps? Stamp = null);
}

namespace Weft.Runs;

/// <summary>The logs of the threads on this server that have runs or readers.</summary>
internal sealed class ThreadLogs
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ThreadId, ThreadLog> _threads = [];

    /// <summary>Adds the log of a run that starts, and notifies the readers of its thread.</summary>
    public void Begin(RunStream run)
    {
        IThreadFollower[] followers;
        lock (_lock)
        {
            followers = LogOf(run.ThreadId).Add(run);
        }

        foreach (var follower in followers)
        {
            follower.RunStarted();
        }
    }

    /// <summary>Removes the log of a run. Its readers can continue to read it.</summary>
    public void Remove(RunStream run)
    {
        lock (_lock)
        {
            if (_threads.TryGetValue(run.ThreadId, out var log))
            {
                log.Remove(run);
                RemoveIfEmpty(run.ThreadId, log);
            }
        }
    }

    /// <summary>Notifies the readers of a thread that it was deleted.</summary>
    public void Delete(ThreadId threadId)
    {
        foreach (var follower in FollowersOf(threadId))
        {
            follower.ThreadDeleted();
        }
    }

    /// <summary>Notifies the readers of a thread that this server has given it to another one.</summary>
    public void Give(ThreadId threadId)
    {
        IThreadFollower[] followers;
        lock (_lock)
        {
            if (!_threads.TryGetValue(threadId, out var log))
            {
                return;
            }

            log.Give();
            followers = log.Followers();
        }

        foreach (var follower in followers)
        {
            follower.ThreadGiven();
        }
    }

    /// <summary>Notifies the readers of a thread that its state was edited.</summary>
    public void Edit(ThreadId threadId, CheckpointAddress address)
    {
        IThreadFollower[] followers;
        EditNotice edit;
        lock (_lock)
        {
            if (!_threads.TryGetValue(threadId, out var log))
            {
                return;
            }

            followers = log.Followers();
            edit = new EditNotice(log.Newest?.StartOrder ?? 0, address);
        }

        foreach (var follower in followers)
        {
            follower.StateEdited(edit);
        }
    }

    /// <summary>Adds a reader. No run starts while <paramref name="make"/> looks at the log.</summary>
    public T Follow<T>(ThreadId threadId, Func<ThreadLog, T> make)
        where T : IThreadFollower
    {
        lock (_lock)
        {
            var log = LogOf(threadId);
            var follower = make(log);
            log.Add(follower);
            return follower;
        }
    }

    /// <summary>Removes a reader.</summary>
    public void Unfollow(IThreadFollower follower)
    {
        lock (_lock)
        {
            if (_threads.TryGetValue(follower.ThreadId, out var log))
            {
                log.Remove(follower);
                RemoveIfEmpty(follower.ThreadId, log);
            }
        }
    }

    /// <summary>Whether the thread has readers.</summary>
    public bool HasFollowers(ThreadId threadId)
    {
        lock (_lock)
        {
            return _threads.TryGetValue(threadId, out var log) && log.HasFollowers;
        }
    }

    /// <summary>Returns the logs of a thread's runs, from a place in their order on, and those of runs that have no place.</summary>
    public IReadOnlyList<RunStream> List(ThreadId threadId, long startOrder)
    {
        lock (_lock)
        {
            return _threads.TryGetValue(threadId, out var log) ? log.List(startOrder) : [];
        }
    }

    /// <summary>Whether a reader wants all events of the thread.</summary>
    public bool IsFollowed(ThreadId threadId)
    {
        lock (_lock)
        {
            return _threads.TryGetValue(threadId, out var log) && log.IsFollowed;
        }
    }

    /// <summary>
    /// Returns the number of the newest event of a run in the log of its thread; null if the log of the run is not in memory.
    /// </summary>
    public long? FindLastSeq(ThreadId threadId, long startOrder)
    {
        lock (_lock)
        {
            return _threads.TryGetValue(threadId, out var log) && log.Find(startOrder) is { } found
                ? ThreadLog.SeqOf(startOrder, found.NextSeq - 1)
                : null;
        }
    }

    /// <summary>Whether no run of the thread has started after this one. False if that is not known.</summary>
    public bool IsLast(ThreadId threadId, long startOrder)
    {
        lock (_lock)
        {
            return _threads.TryGetValue(threadId, out var log) && log.LastStartedHere == startOrder;
        }
    }

    /// <summary>Returns the log of the run that started next after another; null if none is in memory.</summary>
    public RunStream? FindNext(ThreadId threadId, long startOrder)
    {
        lock (_lock)
        {
            return _threads.TryGetValue(threadId, out var log) ? log.FindNext(startOrder) : null;
        }
    }

    /// <summary>As <see cref="FindNext(ThreadId, long)"/>, with the logs of runs that ended without having started.</summary>
    public RunStream? FindNext(ThreadId threadId, RunStream? last, long startOrder)
    {
        lock (_lock)
        {
            return _threads.TryGetValue(threadId, out var log) ? log.FindNext(last, startOrder) : null;
        }
    }

    private IThreadFollower[] FollowersOf(ThreadId threadId)
    {
        lock (_lock)
        {
            return _threads.TryGetValue(threadId, out var log) ? log.Followers() : [];
        }
    }

    /// <summary>The caller holds the lock.</summary>
    private ThreadLog LogOf(ThreadId threadId)
    {
        if (!_threads.TryGetValue(threadId, out var log))
        {
            _threads[threadId] = log = new ThreadLog();
        }

        return log;
    }

    /// <summary>The caller holds the lock.</summary>
    private void RemoveIfEmpty(ThreadId threadId, ThreadLog log)
    {
        if (log.IsEmpty)
        {
            _threads.Remove(threadId);
        }
    }
}

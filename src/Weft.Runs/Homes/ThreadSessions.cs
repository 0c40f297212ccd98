namespace Weft.Runs;

/// <summary>The sessions of this server: one for each thread that has unfinished runs or callers.</summary>
internal sealed class ThreadSessions(SessionServices services)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ThreadId, ThreadSession> _sessions = [];

    /// <summary>Whether the server stops, so that runs that wait do not start any more.</summary>
    public bool IsStopping => services.Scheduler.IsStopping;

    /// <summary>
    /// Opens the session of a thread. It stays the same object until the last visit and the last run have ended.
    /// </summary>
    public Visit Open(ThreadId threadId)
    {
        lock (_lock)
        {
            if (!_sessions.TryGetValue(threadId, out var session))
            {
                _sessions[threadId] = session = new ThreadSession(threadId, this, services);
            }

            return Open(session);
        }
    }

    /// <summary>Opens a session that the caller already has.</summary>
    public Visit Open(ThreadSession session)
    {
        lock (_lock)
        {
            session.Visits++;
            return new Visit(this, session);
        }
    }

    /// <summary>Returns the sessions that have unfinished runs, each kept open until its visit is disposed of.</summary>
    public IReadOnlyList<Visit> OpenActive()
    {
        lock (_lock)
        {
            return [.. _sessions.Values.Where(static session => !session.IsIdle).Select(Open)];
        }
    }

    /// <summary>Whether a thread has unfinished runs on this server, and all of them.</summary>
    public bool HasAllRuns(ThreadId threadId)
    {
        lock (_lock)
        {
            return _sessions.TryGetValue(threadId, out var session) && session is { IsIdle: false, IsSuspended: false };
        }
    }

    /// <summary>Whether a thread has unfinished runs on this server.</summary>
    public bool HasRuns(ThreadId threadId)
    {
        lock (_lock)
        {
            return _sessions.TryGetValue(threadId, out var session) && !session.IsIdle;
        }
    }

    private void Close(ThreadSession session)
    {
        lock (_lock)
        {
            if (--session.Visits > 0 || !session.IsIdle)
            {
                return;
            }

            session.Dispose();
            if (_sessions.TryGetValue(session.ThreadId, out var current) && ReferenceEquals(current, session))
            {
                _sessions.Remove(session.ThreadId);
            }
        }
    }

    /// <summary>Keeps a session open until it is disposed of.</summary>
    internal readonly struct Visit(ThreadSessions sessions, ThreadSession session) : IDisposable
    {
        public ThreadSession Session => session;

        public void Dispose() => sessions.Close(session);
    }
}

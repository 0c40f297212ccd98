using System.Collections.Concurrent;
using Weft.Runs;

namespace Weft.Cluster;

/// <summary>
/// Where threads had runs when they were last asked for, so that the next request is sent there at once. It may be wrong: the server
/// that gets the request knows.
/// </summary>
internal sealed class RememberedHomes(ServerDirectory servers)
{
    private const int Max = 10_000;

    private readonly ConcurrentDictionary<ThreadId, int> _homes = new();

    /// <summary>Returns another server that probably has the runs of a thread; null if none is remembered.</summary>
    public int? Find(ThreadId threadId) => _homes.TryGetValue(threadId, out var home) && !servers.IsDead(home) ? home : null;

    public void Remember(ThreadId threadId, int home)
    {
        if (_homes.Count >= Max)
        {
            _homes.Clear();
        }

        _homes[threadId] = home;
    }

    public void Forget(ThreadId threadId) => _homes.TryRemove(threadId, out _);
}

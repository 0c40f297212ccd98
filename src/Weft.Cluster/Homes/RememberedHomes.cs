using System.Collections.Concurrent;
using Weft.Runs;

namespace Weft.Cluster;

/// <summary>
/// The servers that had the runs of threads a moment ago, so that further requests are sent there at once. What it says may be wrong:
/// the server that gets the request knows.
/// </summary>
internal sealed class RememberedHomes(ServerDirectory servers, TimeProvider time)
{
    private const int Max = 10_000;

    // The requests of a thread without runs are handled by the server that gets them, whatever has become of the others.
    private static readonly TimeSpan Life = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<ThreadId, (int Home, long At)> _homes = new();

    /// <summary>Returns another server that probably has the runs of a thread; null if none is remembered.</summary>
    public int? Find(ThreadId threadId) =>
        _homes.TryGetValue(threadId, out var found) && time.GetElapsedTime(found.At) < Life && !servers.IsDead(found.Home)
            ? found.Home
            : null;

    public void Remember(ThreadId threadId, int home)
    {
        if (_homes.Count >= Max)
        {
            _homes.Clear();
        }

        _homes[threadId] = (home, time.GetTimestamp());
    }

    public void Forget(ThreadId threadId) => _homes.TryRemove(threadId, out _);
}

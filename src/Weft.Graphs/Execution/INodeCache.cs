namespace Weft.Graphs;

/// <summary>Keeps results of nodes. Any number of runs use it at once.</summary>
public interface INodeCache
{
    /// <summary>Returns what was kept under the key, unless its time is over; null when there is nothing.</summary>
    ValueTask<ReadOnlyMemory<byte>?> FindAsync(string key, CancellationToken cancellationToken);

    /// <summary>Keeps a result, for as long as <paramref name="timeToLive"/> says, or for ever when it is null.</summary>
    ValueTask PutAsync(string key, ReadOnlyMemory<byte> result, TimeSpan? timeToLive, CancellationToken cancellationToken);
}

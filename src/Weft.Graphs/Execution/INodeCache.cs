namespace Weft.Graphs;

/// <summary>Keeps results of nodes. Any number of runs use it at once.</summary>
public interface INodeCache
{
    /// <summary>Returns the result stored under the key, unless it has expired; null when there is none.</summary>
    ValueTask<ReadOnlyMemory<byte>?> FindAsync(string key, CancellationToken cancellationToken);

    /// <summary>Stores a result for <paramref name="timeToLive"/>; null means that it does not expire.</summary>
    ValueTask PutAsync(string key, ReadOnlyMemory<byte> result, TimeSpan? timeToLive, CancellationToken cancellationToken);
}

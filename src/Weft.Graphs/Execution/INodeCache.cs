namespace Weft.Graphs;

/// <summary>Keeps results of nodes. Any number of runs use it at once.</summary>
public interface INodeCache
{
    /// <summary>Returns the result that is stored under the key; null if it does not exist or has expired.</summary>
    ValueTask<ReadOnlyMemory<byte>?> FindAsync(string key, CancellationToken cancellationToken);

    /// <summary>Stores a result for <paramref name="timeToLive"/>; null means that it does not expire.</summary>
    ValueTask PutAsync(string key, ReadOnlyMemory<byte> result, TimeSpan? timeToLive, CancellationToken cancellationToken);
}

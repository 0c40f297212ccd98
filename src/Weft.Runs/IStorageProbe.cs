namespace Weft.Runs;

/// <summary>Checks whether storage works.</summary>
public interface IStorageProbe
{
    /// <summary>Writes and commits a value that nothing reads.</summary>
    /// <exception cref="StorageUnavailableException">Storage can't be used.</exception>
    Task CheckAsync(CancellationToken cancellationToken);
}

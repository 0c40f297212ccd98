namespace Weft.Runs;

/// <summary>Finds out whether storage works.</summary>
public interface IStorageProbe
{
    /// <summary>Writes something of no meaning and commits it.</summary>
    /// <exception cref="StorageUnavailableException">Storage can't be used.</exception>
    Task CheckAsync(CancellationToken cancellationToken);
}

namespace Weft.Runs;

/// <summary>Measures the space of storage, and returns that of removed data to the file system.</summary>
public interface IStorageSpace
{
    /// <summary>Returns how much space the data of all actors takes; null if it is not known. It takes no long read.</summary>
    Task<StorageSize?> MeasureAsync(CancellationToken cancellationToken) => Task.FromResult<StorageSize?>(null);

    /// <summary>
    /// Returns a part of the space, small enough that other writes hardly wait. False if no space is left to return.
    /// </summary>
    Task<bool> TryReleaseAsync(CancellationToken cancellationToken);
}

/// <summary>The space that storage takes.</summary>
/// <param name="Bytes">All of it, in bytes.</param>
/// <param name="FreeBytes">The part of removed data, which is used again or returned to the file system.</param>
public readonly record struct StorageSize(long Bytes, long FreeBytes);

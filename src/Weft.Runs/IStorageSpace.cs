namespace Weft.Runs;

/// <summary>Returns the space of removed data to the file system.</summary>
public interface IStorageSpace
{
    /// <summary>
    /// Returns a part of the space, small enough that other writes hardly wait. False if no space is left to return.
    /// </summary>
    Task<bool> TryReleaseAsync(CancellationToken cancellationToken);
}

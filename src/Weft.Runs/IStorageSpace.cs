namespace Weft.Runs;

/// <summary>Gives the space that removed data has left back to the file system.</summary>
public interface IStorageSpace
{
    /// <summary>Gives some of it back, so little that other writes hardly wait; false when nothing is left to give.</summary>
    Task<bool> TryReleaseAsync(CancellationToken cancellationToken);
}

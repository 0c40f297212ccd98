namespace Weft.Storage.Sqlite;

/// <summary>Keeps a database for one server: two would execute the same runs.</summary>
/// <remarks>A file beside the database, which stays when it is let go of. The system lets go of it however the process ends.</remarks>
internal sealed class DatabaseLock : IDisposable
{
    // How Linux, macOS and Windows say that someone else has the file.
    private static readonly int[] Taken = [11, 35, unchecked((int)0x80070020)];

    private readonly FileStream _file;

    private DatabaseLock(FileStream file) => _file = file;

    /// <summary>Takes the database.</summary>
    /// <exception cref="DatabaseUnavailableException">Another server has it.</exception>
    public static DatabaseLock Take(string path)
    {
        try
        {
            return new DatabaseLock(new FileStream(path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException e) when (Taken.Contains(e.HResult))
        {
            throw new DatabaseUnavailableException($"Another server uses the data in '{Path.GetDirectoryName(Path.GetFullPath(path))}'; each server has a folder of its own.", e);
        }
    }

    public void Dispose() => _file.Dispose();
}

using Microsoft.Win32.SafeHandles;

namespace Weft.Storage.Sqlite;

/// <summary>Keeps a database for one server: two would execute the same runs.</summary>
/// <remarks>
/// A file next to the database, which stays when the server ends. The system releases the lock however the process ends. The
/// lock is on the file, not on its name: when somebody removes the file, a second server could lock a new one of that name.
/// So its owner looks from time to time (<see cref="TryHold"/>), and a server that finds a database without a lock file waits
/// until an owner would have.
/// </remarks>
internal sealed class DatabaseLock : IDisposable
{
    /// <summary>How often the owner looks.</summary>
    public static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan OwnerWait = CheckInterval * 2;

    // How Linux, macOS and Windows say that someone else has the file.
    private static readonly int[] Taken = [11, 35, unchecked((int)0x80070020)];

    private readonly string _path;
    private FileStream _file;

    private DatabaseLock(string path, FileStream file)
    {
        _path = path;
        _file = file;
    }

    /// <summary>Takes the database.</summary>
    /// <param name="databasePath">The database file.</param>
    /// <param name="isNew">Whether there was no database before.</param>
    /// <exception cref="DatabaseUnavailableException">Another server has it.</exception>
    public static DatabaseLock Take(string databasePath, bool isNew)
    {
        var path = databasePath + ".lock";
        if (!isNew && !File.Exists(path))
        {
            Thread.Sleep(OwnerWait);
        }

        try
        {
            return new DatabaseLock(path, Open(path));
        }
        catch (IOException e) when (Taken.Contains(e.HResult))
        {
            throw new DatabaseUnavailableException($"Another server uses the data in '{Path.GetDirectoryName(Path.GetFullPath(databasePath))}'; each server has a folder of its own.", e);
        }
    }

    /// <summary>Sees to it that the lock file is still this server's: puts one in the place of a file that was removed. False when another server was faster.</summary>
    public bool TryHold()
    {
        if (IsSame(_file.SafeFileHandle, _path))
        {
            return true;
        }

        try
        {
            var replaced = _file;
            _file = Open(_path);
            replaced.Dispose();
            return true;
        }
        catch (IOException e) when (Taken.Contains(e.HResult))
        {
            return false;
        }
    }

    public void Dispose() => _file.Dispose();

    private static FileStream Open(string path) => new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);

    /// <summary>By the time of creation, which the systems keep finer than two servers can start. Of a name without a file it is a time long ago.</summary>
    private static bool IsSame(SafeFileHandle handle, string path) => File.GetCreationTimeUtc(handle) == File.GetCreationTimeUtc(path);
}

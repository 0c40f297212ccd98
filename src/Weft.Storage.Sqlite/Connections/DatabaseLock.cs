using Microsoft.Win32.SafeHandles;
using Weft.Runs;

namespace Weft.Storage.Sqlite;

/// <summary>Reserves a database for one server, because two servers would execute the same runs.</summary>
/// <remarks>
/// The lock is on a file next to the database. The file stays when the server ends, and the system releases the lock
/// however the process ends. The lock belongs to the file, not to its name, so if somebody removes the file, a second
/// server could lock a new file with that name. Therefore the owner checks the file from time to time
/// (<see cref="TryHold"/>), and a server that finds a database without a lock file waits long enough for an owner to
/// check.
/// </remarks>
internal sealed class DatabaseLock : IDisposable
{
    /// <summary>How often the owner checks the file.</summary>
    public static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan OwnerWait = CheckInterval * 2;

    // The errors of Linux, macOS and Windows if another process has locked the file.
    private static readonly int[] Taken = [11, 35, unchecked((int)0x80070020)];

    private readonly string _path;
    private FileStream _file;

    private DatabaseLock(string path, FileStream file)
    {
        _path = path;
        _file = file;
    }

    /// <summary>Locks the database.</summary>
    /// <param name="databasePath">The database file.</param>
    /// <param name="isNew">Whether the database did not exist before.</param>
    /// <exception cref="DatabaseUnavailableException">Another server uses the database.</exception>
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
            throw new DatabaseUnavailableException(
                $"Another server uses the data in '{Path.GetDirectoryName(Path.GetFullPath(databasePath))}'; "
                    + "each server has a folder of its own.",
                e);
        }
    }

    /// <summary>
    /// Checks that the lock file is still this server's, and replaces a file that was removed. Returns false if another
    /// server was faster.
    /// </summary>
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

    /// <summary>
    /// Compares the times of creation. Their precision is finer than the time between the starts of two servers. The
    /// time of a missing file is a date long ago.
    /// </summary>
    private static bool IsSame(SafeFileHandle handle, string path) => File.GetCreationTimeUtc(handle) == File.GetCreationTimeUtc(path);
}

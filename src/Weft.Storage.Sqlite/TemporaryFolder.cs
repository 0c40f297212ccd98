namespace Weft.Storage.Sqlite;

/// <summary>A folder that exists as long as this object.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("weft-").FullName;

    public void Dispose()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Another program has the file open. It is left to those who clean the folder for temporary files.
        }
    }
}

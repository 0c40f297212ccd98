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
        catch (IOException)
        {
            // Somebody reads the file. The system removes it some day.
        }
    }
}

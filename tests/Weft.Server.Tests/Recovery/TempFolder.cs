namespace Weft.Server.Tests.Recovery;

/// <summary>A folder that outlives the servers that use it, and not the test.</summary>
public sealed class TempFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("weft-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}

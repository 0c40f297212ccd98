namespace Weft.Host.Tests;

/// <summary>A test with a folder of its own.</summary>
public abstract class HostTests : IDisposable
{
    protected string Folder { get; } = Directory.CreateTempSubdirectory("weft-host-").FullName;

    protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        Directory.Delete(Folder, recursive: true);
        GC.SuppressFinalize(this);
    }
}

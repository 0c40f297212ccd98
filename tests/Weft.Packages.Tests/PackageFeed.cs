using System.Reflection;
using System.Runtime.CompilerServices;
using Weft.Packages.Tests;

[assembly: AssemblyFixture(typeof(PackageFeed))]

namespace Weft.Packages.Tests;

/// <summary>All packages of this repository, packed into a folder that is removed at the end.</summary>
public sealed class PackageFeed : IAsyncLifetime
{
    private string? _folder;

    /// <summary>The version of the packages, which is that of all projects of the repository.</summary>
    public static string Version { get; } = typeof(PackageFeed).Assembly.GetName().Version!.ToString(3);

    /// <summary>The root of the repository.</summary>
    public static string Root { get; } = Path.GetFullPath(Path.Combine(Here(), "..", ".."));

    /// <summary>An empty folder, whose configuration has the packages as a source.</summary>
    public string Folder => _folder ?? throw new InvalidOperationException("The packages have not been packed.");

    public string Packages => Path.Combine(Folder, "feed");

    internal DotNet DotNet => In("");

    private static string Configuration =>
        typeof(PackageFeed).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;

    /// <summary>Runs programs in a folder below the empty one.</summary>
    internal DotNet In(string folder) => new(Path.Combine(Folder, "packages"), Path.Combine(Folder, folder));

    public async ValueTask InitializeAsync()
    {
        _folder = Directory.CreateTempSubdirectory("weft-packages-").FullName;
        await File.WriteAllTextAsync(
            Path.Combine(_folder, "nuget.config"),
            """
            <configuration>
              <packageSources>
                <add key="weft" value="feed" />
              </packageSources>
            </configuration>
            """,
            TestContext.Current.CancellationToken);
        await DotNet.RunAsync(
            "pack", Path.Combine(Root, "Weft.slnx"), "--no-build", "-c", Configuration, "-o", Packages, "-v", "quiet", "-nodeReuse:false");
    }

    public ValueTask DisposeAsync()
    {
        if (_folder is not null)
        {
            Directory.Delete(_folder, recursive: true);
        }

        return default;
    }

    private static string Here([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}

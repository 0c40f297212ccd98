using System.Reflection;
using System.Runtime.CompilerServices;
using PublicApiGenerator;

namespace Weft.Host.Tests;

/// <summary>
/// The public API of each package is written down in its folder, so that a change of it is seen. To accept a change, run the
/// tests with <c>WEFT_ACCEPT_API=1</c> and commit the files.
/// </summary>
internal static class WrittenApi
{
    private static readonly ApiGeneratorOptions Options = new()
    {
        IncludeAssemblyAttributes = false,
        // Extension methods are in namespaces of Microsoft, which are left out otherwise.
        DenyNamespacePrefixes = [],
        // Its value has a number that other members change.
        ExcludeAttributes = [typeof(AsyncIteratorStateMachineAttribute).FullName!],
    };

    /// <summary>The folder of all packages.</summary>
    public static string Folder { get; } = Path.GetFullPath(Path.Combine(Here(), "..", "..", "src"));

    /// <summary>Compares the API of a package with what is written down, or writes it down.</summary>
    public static void Check(string package)
    {
        var api = Assembly.Load(package).GeneratePublicApi(Options).ReplaceLineEndings("\n") + "\n";
        var file = Path.Combine(Folder, package, "PublicApi.txt");
        if (Environment.GetEnvironmentVariable("WEFT_ACCEPT_API") == "1")
        {
            File.WriteAllText(file, api);
        }

        (File.Exists(file) ? File.ReadAllText(file) : "")
            .ShouldBe(api, "The API has changed. If that is meant, run this test with WEFT_ACCEPT_API=1 and commit the file.");
    }

    private static string Here([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}

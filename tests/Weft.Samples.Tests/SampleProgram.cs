using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Weft.Samples.Tests;

/// <summary>Starts the built programs of the folder <c>samples</c>.</summary>
internal static class SampleProgram
{
    private static readonly string Root = Path.GetFullPath(Path.Combine(Here(), "..", ".."));

    // bin/<configuration>/<framework>, the same for the tests and the samples.
    private static readonly string Output = Path.GetRelativePath(Here(), AppContext.BaseDirectory);

    /// <summary>The folder of a sample.</summary>
    public static string FolderOf(string sample) => Path.Combine(Root, "samples", sample);

    /// <summary>Starts a sample without a language model.</summary>
    /// <param name="sample">The name of its folder.</param>
    /// <param name="folder">Where it keeps its data.</param>
    /// <param name="arguments">Its arguments.</param>
    public static Process Start(string sample, string folder, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(FolderOf(sample), Output, $"{sample}.dll"), .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder,
        };
        foreach (var name in start.Environment.Keys.Where(ConfiguresModels).ToList())
        {
            start.Environment.Remove(name);
        }

        return Process.Start(start)!;
    }

    private static bool ConfiguresModels(string name) =>
        name.StartsWith("OPENAI_", StringComparison.OrdinalIgnoreCase) || name.StartsWith("WEFT__", StringComparison.OrdinalIgnoreCase);

    private static string Here([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}

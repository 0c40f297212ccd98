using System.Diagnostics;

namespace Weft.Packages.Tests;

/// <summary>Runs programs with packages of their own, so that nothing of the machine changes.</summary>
/// <param name="packages">Where packages are installed.</param>
/// <param name="folder">Where the programs run.</param>
internal sealed class DotNet(string packages, string folder)
{
    // A restore without a cache on a busy machine.
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Runs <c>dotnet</c> to its end. Returns what it printed.</summary>
    public Task<string> RunAsync(params string[] arguments) => RunProgramAsync("dotnet", "", arguments);

    /// <summary>Runs a program to its end. Returns what it printed.</summary>
    public async Task<string> RunProgramAsync(string program, string input, params string[] arguments)
    {
        using var process = Start(program, arguments);
        try
        {
            await process.StandardInput.WriteAsync(input);
            process.StandardInput.Close();
            var error = process.StandardError.ReadToEndAsync(Stop);
            var output = await process.StandardOutput.ReadToEndAsync(Stop).WaitAsync(Limit, Stop);
            await process.WaitForExitAsync(Stop).WaitAsync(Limit, Stop);
            process.ExitCode.ShouldBe(0, $"{program} {string.Join(' ', arguments)}\n{output}\n{await error}");
            return output;
        }
        finally
        {
            End(process);
        }
    }

    /// <summary>Starts a program.</summary>
    public Process Start(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var cache = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        start.Environment["NUGET_FALLBACK_PACKAGES"] = Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? cache;
        start.Environment["NUGET_PACKAGES"] = packages;
        // Otherwise servers of the compiler and of the build would stay behind.
        start.Environment["UseSharedCompilation"] = "false";
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1";
        start.Environment["DOTNET_NOLOGO"] = "1";
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("OPENAI_", StringComparison.OrdinalIgnoreCase)).ToList())
        {
            start.Environment.Remove(name);
        }

        return Process.Start(start)!;
    }

    /// <summary>Ends a process with its children.</summary>
    public static void End(Process process)
    {
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
        }
    }
}

using System.Diagnostics;

namespace Weft.Host.Tests;

/// <summary>The server as a process of its own.</summary>
internal static class HostProcess
{
    public static Process Start(string folder, Dictionary<string, string> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Weft.Host.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    /// <summary>Runs a command to its end. Returns its exit code and what it printed.</summary>
    public static async Task<(int ExitCode, string Output, string Error)> RunAsync(
        string folder, Dictionary<string, string> environment, params string[] arguments)
    {
        var stop = TestContext.Current.CancellationToken;
        using var process = Start(folder, environment, arguments);
        var error = process.StandardError.ReadToEndAsync(stop);
        var output = await process.StandardOutput.ReadToEndAsync(stop);
        await process.WaitForExitAsync(stop);
        return (process.ExitCode, output, await error);
    }
}

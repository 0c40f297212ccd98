using System.Diagnostics;
using Weft.Server.Tests;

namespace Weft.Mcp.Tests;

/// <summary>The server of the tests: as a command, or as a process that serves HTTP.</summary>
internal sealed class McpHost : IDisposable
{
    private readonly Process _process;

    private McpHost(Process process, Uri url)
    {
        _process = process;
        Url = url;
    }

    public Uri Url { get; }

    private static string Program { get; } = Path.Combine(AppContext.BaseDirectory, "Weft.McpHost.dll");

    /// <summary>The options of a server that is started over standard input and output.</summary>
    public static McpConnectionOptions Stdio(string mode = "stdio", Action<McpConnectionOptions>? configure = null)
    {
        var options = new McpConnectionOptions { Command = "dotnet", Approval = McpApproval.None };
        options.Arguments.Add(Program);
        options.Arguments.Add(mode);
        foreach (var variable in (string[])["DOTNET_ROOT", "DOTNET_CLI_HOME"])
        {
            if (Environment.GetEnvironmentVariable(variable) is { } value)
            {
                options.Environment[variable] = value;
            }
        }

        configure?.Invoke(options);
        return options;
    }

    /// <summary>Starts a server that serves HTTP.</summary>
    /// <param name="hasSessions">Whether it has a session for each client.</param>
    /// <param name="port">The port; 0 for a free one.</param>
    public static async Task<McpHost> StartAsync(bool hasSessions = false, int port = 0)
    {
        var process = Process.Start(new ProcessStartInfo(
            "dotnet", [Program, "http", $"http://127.0.0.1:{port}", .. hasSessions ? (string[])["sessions"] : []])
        {
            RedirectStandardOutput = true,
        })!;
        var line = await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().Within("the server to listen");
        return new McpHost(process, new Uri(line + "/mcp"));
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }
}

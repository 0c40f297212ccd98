using System.Diagnostics;

namespace Weft.Server.Tests.Recovery;

/// <summary>tests/Weft.CrashHost as a process of its own, which can be killed.</summary>
internal sealed class CrashHost : IDisposable
{
    private const string Listening = "Now listening on: ";

    private readonly Process _process;
    private readonly HttpClient _http;

    private CrashHost(Process process, string address)
    {
        _process = process;
        _http = new HttpClient(new SocketsHttpHandler { ResponseDrainTimeout = TimeSpan.Zero })
        {
            BaseAddress = new Uri(address),
            Timeout = Timeout.InfiniteTimeSpan,
        };
        Root = new Api(_http, "");
    }

    public Api Root { get; }

    public static async Task<CrashHost> StartAsync(TempFolder folder, params string[] more)
    {
        var process = Process.Start(new ProcessStartInfo(
            Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet",
            [Path.Combine(AppContext.BaseDirectory, "Weft.CrashHost.dll"), "--urls", "http://127.0.0.1:0", "--data", folder.Path, .. more])
        {
            RedirectStandardOutput = true,
        })!;
        try
        {
            return new CrashHost(process, await ReadAddressAsync(process).Within("the server to say where it listens"));
        }
        catch
        {
            process.Kill();
            throw;
        }
    }

    /// <summary>The CPU time that the process has used.</summary>
    public TimeSpan CpuTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Ends the process without a chance to tidy up.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken).Within("the server to be gone");
    }

    public void Dispose()
    {
        _http.Dispose();
        if (!_process.HasExited)
        {
            _process.Kill();
            if (!_process.WaitForExit(TimeSpan.FromSeconds(30)))
            {
                throw new TimeoutException("Waited 30 seconds for a killed server to be gone.");
            }
        }

        _process.Dispose();
    }

    private static async Task<string> ReadAddressAsync(Process process)
    {
        var seen = new List<string>();
        while (await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            if (line.IndexOf(Listening, StringComparison.Ordinal) is >= 0 and var start)
            {
                // What else it says is read away, so that it never waits for a reader.
                _ = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null, CancellationToken.None);
                return line[(start + Listening.Length)..].Trim();
            }

            seen.Add(line);
        }

        throw new InvalidOperationException("The server ended before it listened:\n" + string.Join('\n', seen));
    }
}

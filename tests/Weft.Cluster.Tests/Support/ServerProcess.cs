using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

namespace Weft.Cluster.Tests;

/// <summary>A server of a cluster: tests/Weft.CrashHost as a process of its own.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private const string Listening = "Now listening on: ";

    private readonly Process _process;
    private readonly HttpClient _http;
    private readonly StringBuilder _said;
    private readonly Task _ended;
    private volatile bool _isReady = true;

    private ServerProcess(Process process, string address, StringBuilder said, Task ended)
    {
        _process = process;
        _said = said;
        _ended = ended;
        ProcessId = process.Id;
        var handler = new SocketsHttpHandler { ResponseDrainTimeout = TimeSpan.Zero, PooledConnectionLifetime = TimeSpan.Zero };
        Address = new Uri(address);
        _http = new HttpClient(handler) { BaseAddress = Address, Timeout = Timeout.InfiniteTimeSpan };
        Root = new Api(_http, "");
        _ = WatchAsync();
    }

    /// <summary>The server of this build.</summary>
    public static string ThisBuild { get; } = Path.Combine(AppContext.BaseDirectory, "Weft.CrashHost.dll");

    public int ProcessId { get; }

    public Uri Address { get; }

    public Api Root { get; }

    /// <summary>Whether it was killed or stopped, or has ended itself.</summary>
    public bool HasExited => _ended.IsCompleted;

    /// <summary>Whether it says that it is ready for requests, which is asked for as often as a load balancer does.</summary>
    public bool IsReady => _isReady && !HasExited;

    /// <summary>Whether it accepts no connection.</summary>
    public async Task<bool> IsClosedAsync()
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(Address.Host, Address.Port);
            return false;
        }
        catch (SocketException)
        {
            return true;
        }
    }

    /// <summary>What it has printed.</summary>
    public string Said
    {
        get
        {
            lock (_said)
            {
                return _said.ToString();
            }
        }
    }

    /// <param name="program">The assembly of the server.</param>
    /// <param name="arguments">Its arguments.</param>
    public static async Task<ServerProcess> StartAsync(string program, params string[] arguments)
    {
        var process = new Process
        {
            StartInfo = new ProcessStartInfo(
                "dotnet",
                [program, "--urls", "http://127.0.0.1:0", .. arguments])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            },
        };
        var said = new StringBuilder();
        var address = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        void Read(string? line)
        {
            lock (said)
            {
                said.AppendLine(line);
            }

            if (line?.IndexOf(Listening, StringComparison.Ordinal) is >= 0 and var start)
            {
                address.TrySetResult(line[(start + Listening.Length)..].Trim());
            }
        }

        process.OutputDataReceived += (_, line) => Read(line.Data);
        process.ErrorDataReceived += (_, line) => Read(line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var ended = process.WaitForExitAsync(CancellationToken.None);
        await Task.WhenAny(address.Task, ended).Within("the server to listen");
        return address.Task.IsCompleted
            ? new ServerProcess(process, await address.Task, said, ended)
            : throw new InvalidOperationException($"The server ended with {process.ExitCode} before it listened:\n{said}");
    }

    /// <summary>Ends the process without a chance to tidy up.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await ExitAsync();
    }

    /// <summary>Stops the process as a service manager does. Returns its exit code.</summary>
    public async Task<int> StopAsync()
    {
        await SignalAsync("TERM");
        await ExitAsync();
        return _process.ExitCode;
    }

    /// <summary>Lets the process do nothing, as a machine does that hangs.</summary>
    public Task FreezeAsync() => SignalAsync("STOP");

    /// <summary>Lets a frozen process go on.</summary>
    public Task ContinueAsync() => SignalAsync("CONT");

    public Task ExitAsync() => _ended.Within("the end of a server");

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (!_process.HasExited)
        {
            // It ends a frozen process too.
            _process.Kill();
            await _ended;
        }

        _process.Dispose();
    }

    private async Task WatchAsync()
    {
        while (!HasExited)
        {
            try
            {
                using var answer = await _http.GetAsync("/health/ready", CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(5));
                _isReady = answer.IsSuccessStatusCode;
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException or TimeoutException)
            {
                _isReady = false;
            }
            catch (ObjectDisposedException)
            {
                return;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(200), CancellationToken.None);
        }
    }

    private async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{_process.Id}"]);
        await kill.WaitForExitAsync(CancellationToken.None);
    }
}

using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Weft.Storage.Postgres.Tests;

/// <summary>A server of PostgreSQL on a loopback port, for what a socket in a folder does not show: TLS, standbys, poolers.</summary>
internal sealed class TcpPostgres : IAsyncDisposable
{
    private const string User = "postgres";

    private readonly List<Process> _processes = [];

    private TcpPostgres(string folder)
    {
        Folder = folder;
        Port = FindFreePort();
    }

    public string Folder { get; }

    public int Port { get; }

    private string Data => Path.Combine(Folder, "data");

    public string ConnectionString => $"Host=127.0.0.1;Port={Port};Username={User};Database=postgres";

    /// <summary>Starts a new server.</summary>
    /// <param name="prepare">Changes the data folder before the start, and returns settings.</param>
    public static async Task<TcpPostgres> StartAsync(Func<TcpPostgres, IEnumerable<string>>? prepare = null)
    {
        var server = await MakeAsync();
        string[] settings = ["-U", User, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions"];
        await RunAsync([Program("initdb"), "-D", server.Data, .. settings]);
        await server.StartAsync(prepare?.Invoke(server) ?? []);
        return server;
    }

    /// <summary>Starts a standby that follows this server.</summary>
    public async Task<TcpPostgres> StartStandbyAsync()
    {
        var standby = await MakeAsync();
        await RunAsync(
            [Program("pg_basebackup"), "-h", "127.0.0.1", "-p", $"{Port}", "-U", User, "-D", standby.Data, "-R", "-X", "stream", "-c", "fast"]);
        await standby.StartAsync([]);
        return standby;
    }

    /// <summary>Makes a standby the primary.</summary>
    public Task PromoteAsync() => RunAsync([Program("pg_ctl"), "promote", "-w", "-D", Data]);

    /// <summary>Kills all processes of the server.</summary>
    public async Task KillAsync()
    {
        var postmaster = File.ReadLines(Path.Combine(Data, "postmaster.pid")).First();
        await RunAsync(["kill", "-9", postmaster]);
        await _processes[0].WaitForExitAsync();
    }

    /// <summary>Writes a file of the data folder that only the server may read.</summary>
    public void Write(string name, string text)
    {
        var path = Path.Combine(Data, name);
        File.WriteAllText(path, text);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        if (Environment.IsPrivilegedProcess)
        {
            RunAsync(["chown", User, path], asUser: false).GetAwaiter().GetResult();
        }
    }

    /// <summary>Starts a program next to the server, which ends with it.</summary>
    public Process StartProgram(params string[] command)
    {
        var all = AsUser(command);
        var process = Process.Start(new ProcessStartInfo(all[0], all[1..]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        _ = process.StandardOutput.ReadToEndAsync();
        _ = process.StandardError.ReadToEndAsync();
        _processes.Add(process);
        return process;
    }

    public async Task ExecuteAsync(string statement)
    {
        await using var connection = new NpgsqlConnection(ConnectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(statement, connection);
        await command.ExecuteNonQueryAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes)
        {
            if (!process.HasExited)
            {
                await RunAsync(["kill", "-QUIT", $"{process.Id}"]);
                using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
                await process.WaitForExitAsync(patience.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (!process.HasExited)
                {
                    // PgBouncer may lose a signal that comes while it starts.
                    process.Kill();
                    await process.WaitForExitAsync();
                }
            }

            process.Dispose();
        }

        Directory.Delete(Folder, recursive: true);
    }

    public static int FindFreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private static async Task<TcpPostgres> MakeAsync()
    {
        var folder = Directory.CreateTempSubdirectory("weft-pg-").FullName;
        if (Environment.IsPrivilegedProcess)
        {
            await RunAsync(["chown", User, folder], asUser: false);
        }

        return new TcpPostgres(folder);
    }

    private async Task StartAsync(IEnumerable<string> settings)
    {
        string[] all =
        [
            "listen_addresses=127.0.0.1", $"port={Port}", $"unix_socket_directories={Folder}", "max_connections=200", "shared_buffers=32MB",
            .. settings,
        ];
        StartProgram([Program("postgres"), "-D", Data, .. all.SelectMany(setting => new[] { "-c", setting })]);
        for (var tries = 0; ; tries++)
        {
            try
            {
                // Over the socket, which needs no TLS.
                await using var connection = new NpgsqlConnection($"Host={Folder};Port={Port};Username={User};Database=postgres;Pooling=false");
                await connection.OpenAsync();
                return;
            }
            catch (NpgsqlException) when (tries < 300)
            {
                await Task.Delay(100);
            }
        }
    }

    private static string Program(string name) => PostgresPrograms.Find(name);

    private static string[] AsUser(string[] command) =>
        Environment.IsPrivilegedProcess ? ["setpriv", $"--reuid={User}", $"--regid={User}", "--clear-groups", .. command] : command;

    private static async Task RunAsync(string[] command, bool asUser = true)
    {
        var all = asUser ? AsUser(command) : command;
        using var process = Process.Start(
            new ProcessStartInfo(all[0], all[1..]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{string.Join(' ', command)}: {await output}{await error}");
        }
    }
}

using System.Diagnostics;
using Npgsql;

namespace Weft.Storage.Postgres.Tests;

/// <summary>A server of PostgreSQL in a temporary folder, which ends with the process of the tests however that ends.</summary>
internal sealed class PostgresServer : IAsyncDisposable
{
    // PostgreSQL does not run as root.
    private const string User = "postgres";

    private static readonly Lazy<Task<PostgresServer>> Common = new(() => StartAsync(isDurable: false));

    private readonly string _folder;
    private readonly bool _isDurable;
    private readonly int _port;
    private Process _process;

    private PostgresServer(string folder, bool isDurable, int port)
    {
        _folder = folder;
        _isDurable = isDurable;
        _port = port;
        _process = Run();
    }

    /// <summary>The server that most tests share.</summary>
    public static Task<PostgresServer> CommonAsync() => Common.Value;

    /// <summary>The connection string of a database. The server listens on a socket in its folder.</summary>
    public string ConnectionTo(string database) => new NpgsqlConnectionStringBuilder
    {
        Host = _folder,
        Port = _port,
        Username = User,
        Database = database,
        IncludeErrorDetail = true,
    }.ConnectionString;

    /// <summary>Starts a server with a database of its own.</summary>
    /// <param name="isDurable">Whether commits survive the end of the server.</param>
    public static async Task<PostgresServer> StartAsync(bool isDurable)
    {
        var folder = Directory.CreateTempSubdirectory("weft-pg-").FullName;
        if (Environment.IsPrivilegedProcess)
        {
            await RunAsync("chown", User, folder);
        }

        var data = Path.Combine(folder, "data");
        var initdb = Path.Combine(PostgresPrograms.Folder, "initdb");
        string[] settings = ["-U", User, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions"];
        await RunAsync(AsUser([initdb, "-D", data, .. settings]));
        var server = new PostgresServer(folder, isDurable, port: 5432);
        await server.WaitAsync();
        return server;
    }

    /// <summary>Kills all processes of the server, as a crash does.</summary>
    public async Task KillAsync()
    {
        var postmaster = File.ReadLines(Path.Combine(_folder, "data", "postmaster.pid")).First();
        await RunAsync("kill", "-9", postmaster);
        await _process.WaitForExitAsync();
    }

    /// <summary>Stops the server; its clients are disconnected.</summary>
    public async Task StopAsync()
    {
        var control = Path.Combine(PostgresPrograms.Folder, "pg_ctl");
        await RunAsync(AsUser([control, "stop", "-m", "fast", "-D", Path.Combine(_folder, "data")]));
        await _process.WaitForExitAsync();
    }

    /// <summary>Starts the server again.</summary>
    public async Task StartAgainAsync()
    {
        _process.Dispose();
        _process = Run();
        await WaitAsync();
    }

    /// <summary>Executes statements in a database, each in a transaction of its own.</summary>
    public async Task ExecuteAsync(string database, params string[] statements)
    {
        await using var connection = new NpgsqlConnection(ConnectionTo(database) + ";Pooling=false");
        await connection.OpenAsync();
        foreach (var statement in statements)
        {
            await using var command = new NpgsqlCommand(statement, connection);
            await command.ExecuteNonQueryAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
        if (Directory.Exists(_folder))
        {
            // The shell of a server that was killed has ended before.
            Directory.Delete(_folder, recursive: true);
        }
    }

    private static string[] AsUser(string[] command) =>
        Environment.IsPrivilegedProcess ? ["setpriv", $"--reuid={User}", $"--regid={User}", "--clear-groups", .. command] : command;

    private static async Task RunAsync(params string[] command)
    {
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardError = true, RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{string.Join(' ', command)}: {await output}{await error}");
        }
    }

    private Process Run()
    {
        // The shell ends the server and removes its files when its input ends, so also when this process is killed.
        const string Script = """
            exec 3<&0 >>"$0/log" 2>&1
            "$@" 3<&- & server=$!
            (cat <&3 >/dev/null; touch "$0/ended"; kill -QUIT $server) & watch=$!
            wait $server; kill $watch; [ ! -e "$0/ended" ] || rm -rf "$0"
            """;
        string[] settings =
        [
            "max_connections=500", "shared_buffers=64MB", "listen_addresses=", "autovacuum_naptime=5s", "max_wal_size=2GB",
            $"fsync={(_isDurable ? "on" : "off")}", $"full_page_writes={(_isDurable ? "on" : "off")}",
            $"synchronous_commit={(_isDurable ? "on" : "off")}", $"unix_socket_directories={_folder}", $"port={_port}",
        ];
        string[] command =
        [
            "/bin/sh", "-c", Script, _folder, Path.Combine(PostgresPrograms.Folder, "postgres"), "-D", Path.Combine(_folder, "data"),
            .. settings.SelectMany(setting => new[] { "-c", setting }),
        ];
        var all = AsUser(command);
        return Process.Start(new ProcessStartInfo(all[0], all[1..]) { RedirectStandardInput = true })!;
    }

    private async Task WaitAsync()
    {
        for (var tries = 0; ; tries++)
        {
            try
            {
                await ExecuteAsync("postgres", "SELECT 1");
                return;
            }
            catch (NpgsqlException) when (tries < 300)
            {
                await Task.Delay(100);
            }
        }
    }
}

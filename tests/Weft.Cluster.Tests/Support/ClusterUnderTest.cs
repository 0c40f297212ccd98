using System.Globalization;
using System.Net.Sockets;
using Npgsql;

namespace Weft.Cluster.Tests;

/// <summary>Servers that share a database, each a process of its own.</summary>
internal sealed class ClusterUnderTest : IAsyncDisposable
{
    private static int _last;

    private readonly TempFolder _folder = new();
    private readonly PostgresServer _postgres;
    private readonly bool _isOwnPostgres;
    private readonly string _database;
    private readonly TcpProxy[] _toDatabase;
    private readonly string[] _arguments;
    private readonly ServerProcess[] _servers;
    private readonly List<string> _ended = [];
    private int _next;

    private ClusterUnderTest(PostgresServer postgres, bool isOwnPostgres, string database, int count, string[] arguments)
    {
        _postgres = postgres;
        _isOwnPostgres = isOwnPostgres;
        _database = database;
        _arguments = arguments;
        _servers = new ServerProcess[count];
        var socket = new NpgsqlConnectionStringBuilder(postgres.ConnectionTo(database));
        var target = new UnixDomainSocketEndPoint(Path.Combine(socket.Host!, $".s.PGSQL.{socket.Port}"));
        _toDatabase = [.. Enumerable.Range(0, count).Select(_ => new TcpProxy(target))];
    }

    public int Count => _servers.Length;

    public PostgresServer Postgres => _postgres;

    /// <summary>What the nodes of the graph <c>ledger</c> have done.</summary>
    public Ledger Ledger => Ledger.Read(_folder.Path);

    public ServerProcess this[int index] => _servers[index];

    public Api A => _servers[0].Root;

    public Api B => _servers[1].Root;

    public Api C => _servers[2].Root;

    /// <summary>The servers that are ready, in turn: a load balancer that hands each request to the next.</summary>
    public Api Next
    {
        get
        {
            for (var tries = 0; ; tries++)
            {
                var server = _servers[(uint)Interlocked.Increment(ref _next) % (uint)_servers.Length];
                if (!server.HasExited && (server.IsReady || tries >= 2 * _servers.Length))
                {
                    return server.Root;
                }
            }
        }
    }

    /// <param name="hasOwnPostgres">Whether PostgreSQL is this cluster's alone, and survives being killed.</param>
    /// <param name="count">The number of servers.</param>
    /// <param name="arguments">Arguments of all servers.</param>
    public static Task<ClusterUnderTest> StartAsync(bool hasOwnPostgres = false, int count = 3, params string[] arguments) =>
        StartAsync(ServerProcess.ThisBuild, hasOwnPostgres, count, arguments);

    /// <summary>Starts servers of a build.</summary>
    public static async Task<ClusterUnderTest> StartAsync(
        string program, bool hasOwnPostgres = false, int count = 3, params string[] arguments)
    {
        var postgres = hasOwnPostgres ? await PostgresServer.StartAsync(isDurable: true) : await PostgresServer.CommonAsync();
        var database = string.Create(
            CultureInfo.InvariantCulture, $"weft_{Environment.ProcessId}_{Interlocked.Increment(ref _last)}");
        await postgres.ExecuteAsync("postgres", $"CREATE DATABASE {database}");
        var cluster = new ClusterUnderTest(postgres, hasOwnPostgres, database, count, arguments);
        try
        {
            await Task.WhenAll(Enumerable.Range(0, count).Select(index => cluster.StartAsync(index, program)));
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts a server in the place of one that has ended, of this build or another.</summary>
    public async Task StartAsync(int index, string? program = null, params string[] arguments)
    {
        if (_servers[index] is { } ended)
        {
            _ended.Add(ended.Said);
            await ended.DisposeAsync();
        }

        var connection = new NpgsqlConnectionStringBuilder(_postgres.ConnectionTo(_database))
        {
            Host = "127.0.0.1",
            Port = _toDatabase[index].Port,
            SslMode = SslMode.Disable,
        };
        _servers[index] = await ServerProcess.StartAsync(
        program ?? ServerProcess.ThisBuild,
        [
            "--data", _folder.Path, "--postgres", connection.ConnectionString, "--open", "--cluster", "--Weft:Cluster:StopDelay", "00:00:01",
            "--Weft:Server:Webhooks:AllowedHosts:0", "127.0.0.1",
            .. _arguments, .. arguments,
        ]);
    }

    /// <summary>The way of a server to the database.</summary>
    public TcpProxy ToDatabase(int index) => _toDatabase[index];

    /// <summary>Ends all connections to the database, and lets PostgreSQL refuse new ones or accept them again.</summary>
    public Task RefuseConnectionsAsync(bool refuses) => _postgres.ExecuteAsync(
        "postgres",
        $"ALTER DATABASE {_database} ALLOW_CONNECTIONS {!refuses}",
        $"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{_database}'");

    /// <summary>Returns the first column of the first row of a query.</summary>
    public async Task<T> QueryAsync<T>(string sql)
    {
        await using var connection = new NpgsqlConnection(_postgres.ConnectionTo(_database) + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    public async ValueTask DisposeAsync()
    {
        var servers = _servers.OfType<ServerProcess>().ToList();
        _ended.AddRange(servers.Select(server => server.Said));
        _ended.ForEach(ShowsServersOfFailedTestsAttribute.Add);
        foreach (var server in servers)
        {
            await server.DisposeAsync();
        }

        foreach (var proxy in _toDatabase)
        {
            await proxy.DisposeAsync();
        }

        if (_isOwnPostgres)
        {
            await _postgres.DisposeAsync();
        }
        else
        {
            await _postgres.ExecuteAsync("postgres", $"DROP DATABASE {_database} WITH (FORCE)");
        }

        _folder.Dispose();
    }
}

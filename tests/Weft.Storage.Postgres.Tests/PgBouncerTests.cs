using System.Diagnostics;
using Npgsql;

namespace Weft.Storage.Postgres.Tests;

/// <summary>PgBouncer between the server and its database, which shares connections between transactions.</summary>
public sealed class PgBouncerTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Runs_are_stored_through_PgBouncer_also_while_it_is_started_again()
    {
        await using var server = await TcpPostgres.StartAsync();
        var port = TcpPostgres.FindFreePort();
        var pooler = await StartAsync(server, port);
        await using var database = new PostgresDatabase(new PostgresStorageOptions
        {
            ConnectionString = $"Host=127.0.0.1;Port={port};Username=postgres;Database=postgres",
            DirectConnectionString = server.ConnectionString,
        });

        await StoredRuns.ShouldSurviveAsync(database, async () =>
        {
            using (var kill = Process.Start("kill", ["-9", $"{pooler.Id}"]))
            {
                await kill.WaitForExitAsync(Token);
            }

            await pooler.WaitForExitAsync(Token);
            pooler = await StartAsync(server, port);
        });

        (await database.TryHoldLockAsync(Token)).ShouldBeTrue();
    }

    private static async Task<Process> StartAsync(TcpPostgres server, int port)
    {
        var settings = Path.Combine(server.Folder, "pgbouncer.ini");
        await File.WriteAllTextAsync(
            settings,
            $"""
            [databases]
            * = host=127.0.0.1 port={server.Port} user=postgres
            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = {port}
            unix_socket_dir =
            auth_type = any
            pool_mode = transaction
            default_pool_size = 4
            ignore_startup_parameters = extra_float_digits
            """,
            Token);
        var pooler = server.StartProgram(FindProgram(), settings);
        for (var tries = 0; ; tries++)
        {
            try
            {
                await using var connection =
                    new NpgsqlConnection($"Host=127.0.0.1;Port={port};Username=postgres;Database=postgres;Pooling=false");
                await connection.OpenAsync(Token);
                return pooler;
            }
            catch (NpgsqlException) when (tries < 100)
            {
                await Task.Delay(100, Token);
            }
        }
    }

    private static string FindProgram() =>
        new[] { "/usr/sbin/pgbouncer", "/usr/bin/pgbouncer", "/usr/local/bin/pgbouncer" }.FirstOrDefault(File.Exists)
        ?? throw new InvalidOperationException("The test needs PgBouncer: apt-get install -y pgbouncer.");
}

using Npgsql;
using Weft.Runs;

namespace Weft.Storage.Postgres.Tests;

/// <summary>The stores of one server of a cluster.</summary>
internal sealed class ClusterServer : IAsyncDisposable
{
    private readonly string _connectionString;

    /// <param name="connectionString">The database, which has the tables.</param>
    public ClusterServer(string connectionString)
    {
        _connectionString = connectionString;
        Key = Join(connectionString);
        var identity = new ServerIdentity();
        identity.Join(Key);
        Database = new PostgresDatabase(
            new PostgresStorageOptions { ConnectionString = connectionString }, use: DatabaseUse.Cluster, server: identity);
        Homes = new PostgresThreadHomeStore(Database);
        Runs = new PostgresRunStore(Database);
        Threads = new PostgresThreadStore(Database);
    }

    public int Key { get; }

    public PostgresDatabase Database { get; }

    public IThreadHomeStore Homes { get; }

    public IRunStore Runs { get; }

    public IThreadStore Threads { get; }

    /// <summary>Adds the row of a server that is active. Returns its key.</summary>
    public static int Join(string connectionString)
    {
        using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        connection.Open();
        using var command = new NpgsqlCommand(
            """
            INSERT INTO weft.servers (
                address, port, generation, host_name, silo_name, status, proxy_port, started_at, alive_at, suspected_by, suspected_at)
            SELECT '127.0.0.1', 1, coalesce(max(generation), 0) + 1, '', '', 3, 0, 0, 0, '{}', '{}' FROM weft.servers
            RETURNING server_key
            """,
            connection);
        return (int)command.ExecuteScalar()!;
    }

    /// <summary>Sets the status to dead, as the servers of the cluster agree.</summary>
    public void Die() => TestDatabases.Execute(_connectionString, $"UPDATE weft.servers SET status = 6 WHERE server_key = {Key}");

    /// <summary>Removes the row of the server.</summary>
    public void Vanish() => TestDatabases.Execute(_connectionString, $"DELETE FROM weft.servers WHERE server_key = {Key}");

    public ValueTask DisposeAsync() => Database.DisposeAsync();
}

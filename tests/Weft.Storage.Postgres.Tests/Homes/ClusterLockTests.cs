using Weft.Runs;

namespace Weft.Storage.Postgres.Tests;

/// <summary>The servers of a cluster share a database. A server that is alone and a cluster refuse each other.</summary>
public sealed class ClusterLockTests : IDisposable
{
    private readonly string _connectionString = TestDatabases.Create();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => TestDatabases.Remove(_connectionString);

    [Fact]
    public async Task Servers_of_a_cluster_share_the_database_and_refuse_a_server_that_is_alone()
    {
        await using var one = Make(DatabaseUse.Cluster);
        await using var two = Make(DatabaseUse.Cluster);
        await one.OpenAsync(Token);
        await two.OpenAsync(Token);

        await ShouldBeRefusedAsync(DatabaseUse.Alone, "A cluster uses the schema 'weft' of the database ");

        (await one.TryHoldLockAsync(Token)).ShouldBeTrue();
        (await two.TryHoldLockAsync(Token)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_server_that_is_alone_refuses_servers_of_a_cluster()
    {
        await using var alone = Make(DatabaseUse.Alone);
        await alone.OpenAsync(Token);

        await ShouldBeRefusedAsync(DatabaseUse.Cluster, "A server that is not one of a cluster uses the schema 'weft' of the database ");
    }

    [Fact]
    public async Task A_server_of_a_cluster_that_lost_its_connection_shares_the_database_again()
    {
        await using var one = Make(DatabaseUse.Cluster);
        await using var two = Make(DatabaseUse.Cluster);
        await one.OpenAsync(Token);
        await two.OpenAsync(Token);

        Disconnect();
        (await one.TryHoldLockAsync(Token)).ShouldBeTrue();
        await two.DisposeAsync();

        await ShouldBeRefusedAsync(DatabaseUse.Alone, "A cluster uses");
    }

    [Fact]
    public async Task A_server_of_a_cluster_that_lost_the_database_to_a_server_that_is_alone_stores_nothing_more()
    {
        await using var one = Make(DatabaseUse.Cluster);
        await one.OpenAsync(Token);
        Disconnect();
        await using var alone = Make(DatabaseUse.Alone);
        await alone.OpenAsync(Token);

        (await one.TryHoldLockAsync(Token)).ShouldBeFalse();
        await Should.ThrowAsync<StorageUnavailableException>(new PostgresProbe(one).CheckAsync(Token));
    }

    private async Task ShouldBeRefusedAsync(DatabaseUse use, string reason)
    {
        await using var database = Make(use);
        (await Should.ThrowAsync<DatabaseUnavailableException>(database.OpenAsync(Token))).Message.ShouldStartWith(reason);
    }

    private PostgresDatabase Make(DatabaseUse use) => new(
        new PostgresStorageOptions { ConnectionString = _connectionString, LockTimeout = TimeSpan.Zero }, use: use);

    private void Disconnect() => TestDatabases.Execute(
        _connectionString,
        """
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
        """);
}

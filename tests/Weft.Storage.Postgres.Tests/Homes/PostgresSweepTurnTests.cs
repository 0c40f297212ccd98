namespace Weft.Storage.Postgres.Tests;

/// <summary>One server of a cluster removes expired data.</summary>
public sealed class PostgresSweepTurnTests : IAsyncDisposable
{
    private readonly string _connectionString = TestDatabases.Create();
    private readonly PostgresDatabase _one;
    private readonly PostgresDatabase _two;

    public PostgresSweepTurnTests() => (_one, _two) = (Make(DatabaseUse.Cluster), Make(DatabaseUse.Cluster));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _one.DisposeAsync();
        await _two.DisposeAsync();
        TestDatabases.Remove(_connectionString);
    }

    [Fact]
    public async Task The_first_server_has_the_turn_until_it_ends()
    {
        var first = new PostgresSweepTurn(_one);
        await using var second = new PostgresSweepTurn(_two);
        (await first.TryTakeAsync(Token)).ShouldBeTrue();

        (await second.TryTakeAsync(Token)).ShouldBeFalse();
        (await first.TryTakeAsync(Token)).ShouldBeTrue();
        await first.DisposeAsync();

        // PostgreSQL notices the end a moment later.
        while (!await second.TryTakeAsync(Token))
        {
            await Task.Delay(10, Token);
        }
    }

    [Fact]
    public async Task A_server_that_lost_its_connection_loses_the_turn()
    {
        await using var first = new PostgresSweepTurn(_one);
        await using var second = new PostgresSweepTurn(_two);
        (await first.TryTakeAsync(Token)).ShouldBeTrue();

        TestDatabases.Execute(
            _connectionString,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");

        (await second.TryTakeAsync(Token)).ShouldBeTrue();
        (await first.TryTakeAsync(Token)).ShouldBeFalse();
    }

    [Fact]
    public async Task A_server_that_is_alone_needs_no_lock()
    {
        await using var database = Make(DatabaseUse.Guest);
        await using var first = new PostgresSweepTurn(database);
        await using var second = new PostgresSweepTurn(database);

        (await first.TryTakeAsync(Token)).ShouldBeTrue();
        (await second.TryTakeAsync(Token)).ShouldBeTrue();
    }

    private PostgresDatabase Make(DatabaseUse use) =>
        new(new PostgresStorageOptions { ConnectionString = _connectionString }, use: use);
}

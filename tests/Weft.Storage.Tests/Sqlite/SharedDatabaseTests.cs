using Microsoft.Extensions.DependencyInjection;
using Weft.Runs;
using Weft.Storage.Sqlite;

namespace Weft.Storage.Tests;

/// <summary>A program that manages API keys, next to a server on the same file.</summary>
public sealed class SharedDatabaseTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("weft-sqlite-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string File => Path.Combine(_folder, "weft.db");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_server_sees_the_keys_that_another_program_adds_and_revokes()
    {
        await using var server = Open(new ServiceCollection().AddWeftSqlite(options => options.Path = File));
        await server.GetRequiredService<IStorageProbe>().CheckAsync(Token);
        await using var other = Open(new ServiceCollection().AddWeftSqliteApiKeys(options => options.Path = File));

        var key = await other.GetRequiredService<ApiKeysFacade>().CreateAsync(new() { Name = "ci", Owner = "alice" }, Token);

        var keys = server.GetRequiredService<IApiKeyStore>();
        (await keys.FindAsync(key.Record.Id, Token)).ShouldNotBeNull().RevokedAt.ShouldBeNull();
        (await other.GetRequiredService<ApiKeysFacade>().RevokeAsync(key.Key, Token)).ShouldBeTrue();
        (await keys.FindAsync(key.Record.Id, Token)).ShouldNotBeNull().RevokedAt.ShouldNotBeNull();
    }

    [Fact]
    public async Task Keys_can_be_added_before_the_first_start_and_do_not_lock_the_file()
    {
        await using var program = Open(new ServiceCollection().AddWeftSqliteApiKeys(options => options.Path = File));
        await program.GetRequiredService<ApiKeysFacade>().CreateAsync(new() { Name = "ci", Owner = "alice" }, Token);

        await using var server = Open(new ServiceCollection().AddWeftSqlite(options => options.Path = File));

        (await server.GetRequiredService<IApiKeyStore>().ListAsync(Token)).ShouldHaveSingleItem().Owner.ShouldBe("alice");
    }

    [Fact]
    public async Task A_file_of_another_version_is_not_migrated_while_a_server_uses_it()
    {
        await using (var migrated = SqliteDatabase.Open(new SqliteStorageOptions { Path = File }))
        {
            await migrated.WriteAsync(
                connection =>
                {
                    connection.ExecuteScript("DELETE FROM schema_version WHERE version = (SELECT max(version) FROM schema_version)");
                    return true;
                },
                Token);
            await using var program = Open(new ServiceCollection().AddWeftSqliteApiKeys(options => options.Path = File));

            var exception = await Should.ThrowAsync<DatabaseUnavailableException>(
                () => program.GetRequiredService<ApiKeysFacade>().ListAsync(Token));

            exception.Message.ShouldContain(_folder);
        }
    }

    private static ServiceProvider Open(IServiceCollection services) => services.BuildServiceProvider();
}

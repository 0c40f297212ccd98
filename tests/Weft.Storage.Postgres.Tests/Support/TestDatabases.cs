using Npgsql;

namespace Weft.Storage.Postgres.Tests;

/// <summary>Makes databases for tests: copies of one that was migrated once.</summary>
internal static class TestDatabases
{
    private const string Template = "weft_template";

    private static readonly Lazy<Task<string>> Server = new(PrepareAsync);
    private static int _last;

    /// <summary>Makes a database. Returns its connection string.</summary>
    public static async Task<string> CreateAsync(bool isEmpty = false, string? extension = null)
    {
        var server = await Server.Value;
        Assert.SkipUnless(extension is null || await HasAsync(server, extension), $"PostgreSQL has no extension '{extension}'.");
        var name = $"weft_{Environment.ProcessId}_{Interlocked.Increment(ref _last)}";
        await ExecuteAsync(server, $"CREATE DATABASE {name} TEMPLATE {(isEmpty ? "template0" : TemplateName)}");
        var database = new NpgsqlConnectionStringBuilder(server) { Database = name }.ConnectionString;
        if (extension is not null)
        {
            await ExecuteAsync(database, $"CREATE EXTENSION {extension}");
        }

        return database;
    }

    public static async Task RemoveAsync(string connectionString)
    {
        var name = new NpgsqlConnectionStringBuilder(connectionString).Database;
        await ExecuteAsync(await Server.Value, $"DROP DATABASE {name} WITH (FORCE)");
    }

    /// <summary>Executes statements, each in a transaction of its own.</summary>
    public static async Task ExecuteAsync(string connectionString, params string[] statements)
    {
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync();
        foreach (var statement in statements)
        {
            await using var command = new NpgsqlCommand(statement, connection);
            await command.ExecuteNonQueryAsync();
        }
    }

    private static async Task<bool> HasAsync(string server, string extension)
    {
        await using var connection = new NpgsqlConnection(server + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("SELECT EXISTS (SELECT FROM pg_available_extensions WHERE name = $1)", connection)
        {
            Parameters = { new() { Value = extension } },
        };
        return await command.ExecuteScalarAsync() is true;
    }

    private static string TemplateName => $"{Template}_{Environment.ProcessId}";

    /// <summary>Returns a connection string of the server that the tests use, with a database that is migrated.</summary>
    private static async Task<string> PrepareAsync()
    {
        var server = Environment.GetEnvironmentVariable("WEFT_TEST_POSTGRES") is { Length: > 0 } given
            ? given
            : (await PostgresServer.CommonAsync()).ConnectionTo("postgres");
        await ExecuteAsync(server, $"CREATE DATABASE {TemplateName} TEMPLATE template0 ENCODING 'UTF8'");
        var template = new NpgsqlConnectionStringBuilder(server) { Database = TemplateName }.ConnectionString;
        await using var database = new PostgresDatabase(new PostgresStorageOptions { ConnectionString = template });
        await database.OpenAsync(CancellationToken.None);
        return server;
    }
}

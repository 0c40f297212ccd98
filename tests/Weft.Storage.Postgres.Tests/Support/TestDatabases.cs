using Npgsql;

namespace Weft.Storage.Postgres.Tests;

/// <summary>Makes databases for tests: copies of one that was migrated once.</summary>
internal static class TestDatabases
{
    private const string Template = "weft_template";

    private static string _server = "";
    private static int _last;

    /// <summary>Makes a database. Returns its connection string.</summary>
    /// <remarks>It is synchronous, because a suite makes its database while many threads of the pool wait for it.</remarks>
    public static string Create(bool isEmpty = false, string? extension = null)
    {
        Assert.SkipUnless(extension is null || Has(extension), $"PostgreSQL has no extension '{extension}'.");
        var name = $"weft_{Environment.ProcessId}_{Interlocked.Increment(ref _last)}";
        Execute(_server, $"CREATE DATABASE {name} TEMPLATE {(isEmpty ? "template0" : TemplateName)}");
        var database = new NpgsqlConnectionStringBuilder(_server) { Database = name }.ConnectionString;
        if (extension is not null)
        {
            Execute(database, $"CREATE EXTENSION {extension}");
        }

        return database;
    }

    public static void Remove(string connectionString) =>
        Execute(_server, $"DROP DATABASE {new NpgsqlConnectionStringBuilder(connectionString).Database} WITH (FORCE)");

    /// <summary>Executes statements, each in a transaction of its own.</summary>
    public static void Execute(string connectionString, params string[] statements)
    {
        using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        connection.Open();
        foreach (var statement in statements)
        {
            using var command = new NpgsqlCommand(statement, connection);
            command.ExecuteNonQuery();
        }
    }

    /// <summary>Executes statements in another database of the server, each in a transaction of its own.</summary>
    public static void ExecuteOutside(params string[] statements) => Execute(_server, statements);

    private static bool Has(string extension)
    {
        using var connection = new NpgsqlConnection(_server + ";Pooling=false");
        connection.Open();
        using var command = new NpgsqlCommand("SELECT EXISTS (SELECT FROM pg_available_extensions WHERE name = $1)", connection)
        {
            Parameters = { new() { Value = extension } },
        };
        return command.ExecuteScalar() is true;
    }

    private static string TemplateName => $"{Template}_{Environment.ProcessId}";

    /// <summary>Finds or starts the server that the tests use, and makes the database that others are copies of.</summary>
    public static async Task PrepareAsync()
    {
        _server = Environment.GetEnvironmentVariable("WEFT_TEST_POSTGRES") is { Length: > 0 } given
            ? given
            : (await PostgresServer.CommonAsync()).ConnectionTo("postgres");
        Execute(_server, $"CREATE DATABASE {TemplateName} TEMPLATE template0 ENCODING 'UTF8'");
        var template = new NpgsqlConnectionStringBuilder(_server) { Database = TemplateName }.ConnectionString;
        await using var database = new PostgresDatabase(new PostgresStorageOptions { ConnectionString = template });
        await database.OpenAsync(CancellationToken.None);
    }
}

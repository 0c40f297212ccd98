using System.Text.RegularExpressions;
using Npgsql;
using Weft.Storage.Postgres.Tests;

namespace Weft.Host.Tests.Commands;

/// <summary>What <c>weft check</c> says of a PostgreSQL database.</summary>
public sealed class PostgresCheckTests : HostTests
{
    [Fact]
    public async Task An_empty_database_and_that_of_a_server_are_described()
    {
        var connection = await NewDatabaseAsync();
        (await CheckAsync(connection)).Output.ShouldContain("schema      none; the server creates it when it starts");
        await StartAndStopAsync(connection);

        var (exitCode, output, error) = await CheckAsync(connection);

        error.ShouldBeEmpty();
        exitCode.ShouldBe(0);
        output.Split('\n').ShouldContain(line => Regex.IsMatch(line, "^schema {6}[0-9]+$"), output);
    }

    [Fact]
    public async Task A_schema_of_a_newer_version_and_one_that_is_not_Wefts_are_refused()
    {
        var newer = await NewDatabaseAsync();
        await StartAndStopAsync(newer);
        Execute(newer, "INSERT INTO weft.schema_version (version, oldest, applied_at) VALUES (9999, 9999, 0)");
        var other = await NewDatabaseAsync();
        Execute(other, "CREATE SCHEMA weft; CREATE TABLE weft.notes (text text)");

        foreach (var (connection, reason) in new[] { (newer, "has version 9999"), (other, "contains data that is not Weft's") })
        {
            var (exitCode, _, error) = await CheckAsync(connection);
            exitCode.ShouldBe(1);
            error.ShouldContain(reason);
            error.Trim().Split('\n').ShouldHaveSingleItem();
        }
    }

    [Fact]
    public async Task A_role_that_lacks_rights_is_refused()
    {
        var connection = await NewDatabaseAsync();
        var role = "reader_" + Guid.NewGuid().ToString("N");
        Execute(connection, $"CREATE ROLE {role} LOGIN");
        var ofRole = new NpgsqlConnectionStringBuilder(connection) { Username = role }.ConnectionString;

        (await RefusedAsync(ofRole)).ShouldContain("may not create the schema 'weft'");
        await StartAndStopAsync(connection);
        (await RefusedAsync(ofRole)).ShouldContain("weft");
        Execute(
            connection, $"GRANT USAGE ON SCHEMA weft TO {role}; GRANT SELECT ON ALL TABLES IN SCHEMA weft TO {role}");
        (await RefusedAsync(ofRole)).ShouldContain("may not read and write all tables of the schema 'weft'");
        Execute(connection, $"GRANT INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA weft TO {role}");
        (await CheckAsync(ofRole)).ExitCode.ShouldBe(0);
        Execute(connection, $"DROP OWNED BY {role}; DROP ROLE {role}");
    }

    private static async Task<string> NewDatabaseAsync()
    {
        var server = await PostgresServer.CommonAsync();
        var name = $"checked_{Guid.NewGuid():n}";
        await server.ExecuteAsync("postgres", $"CREATE DATABASE {name}");
        return server.ConnectionTo(name);
    }

    private static void Execute(string connection, string statements)
    {
        using var open = new NpgsqlConnection(connection + ";Pooling=false");
        open.Open();
        using var command = new NpgsqlCommand(statements, open);
        command.ExecuteNonQuery();
    }

    private async Task<string> RefusedAsync(string connection)
    {
        var (exitCode, _, error) = await CheckAsync(connection);
        exitCode.ShouldBe(1);
        return error;
    }

    private async Task StartAndStopAsync(string connection)
    {
        await using (await RunningHost.StartWithoutFolderAsync(Folder, "--postgres", connection, "--urls", "http://127.0.0.1:0"))
        {
        }
    }

    private Task<(int ExitCode, string Output, string Error)> CheckAsync(string connection) =>
        HostProcess.RunAsync(Folder, [], "check", "--postgres", connection);
}

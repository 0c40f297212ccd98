using Microsoft.Data.Sqlite;

namespace Weft.Host.Tests.Commands;

public sealed class CheckTests : HostTests
{
    private string Database => Path.Combine(Folder, "weft.db");

    [Fact]
    public async Task The_database_of_a_running_server_is_described()
    {
        await using var host = await RunningHost.StartAsync(Folder, "--urls", "http://127.0.0.1:0");
        using var created = await host.Client.PostAsync("/threads", new StringContent("{}", null, "application/json"), Stop);

        var (code, output, error) = await CheckAsync("--data", Folder);

        error.ShouldBeEmpty();
        code.ShouldBe(0);
        var lines = output.Split('\n').Select(line => line.Split(' ', 2)).Where(parts => parts.Length == 2)
            .ToDictionary(parts => parts[0], parts => parts[1].Trim());
        lines["settings"].ShouldBe("valid");
        lines["data"].ShouldBe(Database);
        int.Parse(lines["schema"]).ShouldBeGreaterThan(20);
        lines["size"].ShouldContain("kB");
        lines["threads"].ShouldBe("1");
        lines["integrity"].ShouldBe("ok");
    }

    [Fact]
    public async Task Nothing_is_created()
    {
        var (code, output, _) = await CheckAsync("--data", Path.Combine(Folder, "later"));

        code.ShouldBe(0);
        output.ShouldContain("The file does not exist yet.");
        Directory.EnumerateFileSystemEntries(Folder).ShouldBeEmpty();
    }

    [Fact]
    public async Task Settings_are_those_of_the_server()
    {
        var (code, _, error) = await CheckAsync("--data", Folder, "--Weft:Runs:AttemptsMax", "0");

        code.ShouldBe(1);
        error.ShouldStartWith("Weft:Runs:AttemptsMax");
    }

    [Fact]
    public async Task An_open_server_without_authentication_is_refused()
    {
        var (code, _, error) = await CheckAsync("--data", Folder, "--urls", "http://0.0.0.0:1");

        code.ShouldBe(1);
        error.ShouldStartWith("Other machines could reach http://0.0.0.0:1");
    }

    [Fact]
    public async Task A_damaged_file_is_reported()
    {
        await using (await RunningHost.StartAsync(Folder, "--urls", "http://127.0.0.1:0"))
        {
        }

        Run("PRAGMA wal_checkpoint(TRUNCATE)");
        var page = (long)Run("SELECT rootpage FROM sqlite_schema WHERE name = 'threads'")!;
        var size = (long)Run("PRAGMA page_size")!;
        using (var file = File.OpenHandle(Database, FileMode.Open, FileAccess.ReadWrite))
        {
            RandomAccess.Write(file, new byte[size], (page - 1) * size);
        }

        var (code, output, error) = await CheckAsync("--data", Folder);

        code.ShouldBe(1, output + error);
        output.ShouldContain("integrity   ");
        output.ShouldNotContain("integrity   ok");
    }

    [Fact]
    public async Task A_file_of_a_newer_version_is_reported()
    {
        await using (await RunningHost.StartAsync(Folder, "--urls", "http://127.0.0.1:0"))
        {
        }

        Run("INSERT INTO schema_version (version, oldest) VALUES (9999, NULL)");

        var (code, output, _) = await CheckAsync("--data", Folder);

        code.ShouldBe(1);
        output.ShouldContain("9999; a newer version of Weft made it, and this one knows only up to ");
    }

    [Fact]
    public async Task A_file_of_something_else_is_refused()
    {
        Run("CREATE TABLE notes (text TEXT)");

        var (code, _, error) = await CheckAsync("--data", Folder);

        code.ShouldBe(1);
        error.Trim().ShouldBe($"The database '{Database}' contains data that is not Weft's. See --help.");
    }

    private Task<(int ExitCode, string Output, string Error)> CheckAsync(params string[] arguments) =>
        HostProcess.RunAsync(Folder, [], ["check", .. arguments]);

    private object? Run(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Database};Pooling=False");
        connection.Open();
        using var command = new SqliteCommand(sql, connection);
        return command.ExecuteScalar();
    }
}

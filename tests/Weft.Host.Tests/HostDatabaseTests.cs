using Microsoft.Extensions.Configuration;

namespace Weft.Host.Tests;

/// <summary>Where the server keeps its data.</summary>
public sealed class HostDatabaseTests : HostTests
{
    [Fact]
    public async Task A_server_with_a_file_loads_nothing_of_PostgreSQL_and_Orleans()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The files that a process has loaded are listed by Linux.");
        await using var host = await RunningHost.StartAsync(Folder, "--urls", "http://127.0.0.1:0");
        using var answer = await host.Client.GetAsync("/threads/count", Stop);

        var loaded = (await File.ReadAllLinesAsync($"/proc/{host.ProcessId}/maps", Stop))
            .Select(line => Path.GetFileName(line)).Distinct().ToList();

        loaded.ShouldContain("Weft.Storage.Sqlite.dll");
        loaded.ShouldNotContain(file => file.Contains("Npgsql", StringComparison.Ordinal));
        loaded.ShouldNotContain(file => file.Contains("Orleans", StringComparison.Ordinal));
        loaded.ShouldNotContain("Weft.Storage.Postgres.dll");
        loaded.ShouldNotContain("Weft.Cluster.dll");
    }

    [Theory]
    [InlineData(null, "Weft:Data", "/srv")]
    [InlineData(null, "Weft:Postgres:ConnectionString", " ")]
    [InlineData("Host=db", "Weft:Postgres:ConnectionString", "Host=db", "Weft:Postgres:Schema", "agents")]
    [InlineData("Host=db", "Weft:Postgres:ConnectionString", "Host=db", "Weft:Data", "")]
    public void PostgreSQL_is_used_if_its_connection_is_configured(string? connection, params string[] settings) =>
        HostDatabase.FindPostgres(Of(settings)).ShouldBe(connection);

    [Theory]
    [InlineData("Weft:Data", "Weft:Data", "/srv")]
    [InlineData("Weft:Sqlite:Path", "Weft:Sqlite:Path", "/srv/weft.db")]
    [InlineData("Weft:Sqlite:Synchronous", "Weft:Sqlite:Synchronous", "Full")]
    public void Settings_of_a_file_and_of_PostgreSQL_are_refused_together(string named, params string[] settings) =>
        Should.Throw<SettingsException>(
            () => HostDatabase.FindPostgres(Of([.. settings, "Weft:Postgres:ConnectionString", "Host=db"])))
            .Message.ShouldBe(
                $"{named} and Weft:Postgres:ConnectionString can't be used together: data is either in a folder or in PostgreSQL.");

    [Fact]
    public async Task A_connection_string_that_is_wrong_is_refused_without_showing_a_password()
    {
        var (exitCode, _, error) = await HostProcess.RunAsync(
            Folder, [], "--postgres", "postgres://weft:secret@localhost/weft?sslmode=require", "--urls", "http://127.0.0.1:0");

        exitCode.ShouldBe(1);
        error.ShouldStartWith("Weft:Postgres:ConnectionString is a URI; write it as Host=…;Database=…;Username=…");
        error.ShouldNotContain("secret");
    }

    [Theory]
    [InlineData("--postgres")]
    [InlineData("check", "--postgres")]
    [InlineData("keys", "list", "--postgres")]
    public async Task A_database_that_does_not_answer_is_named_in_one_line(params string[] arguments)
    {
        var (exitCode, output, error) = await HostProcess.RunAsync(
            Folder, [], [.. arguments, $"Host={Folder};Database=weft;Username=weft;Password=secret;Timeout=1"]);

        exitCode.ShouldBe(1);
        output.ShouldBeEmpty();
        var line = error.Split('\n', StringSplitOptions.RemoveEmptyEntries).ShouldHaveSingleItem();
        line.ShouldStartWith($"The database 'weft' at {Folder} can't be opened: ");
        line.ShouldNotContain("secret");
        line.ShouldNotContain("--data");
    }

    private static IConfiguration Of(string[] settings) => new ConfigurationBuilder()
        .AddInMemoryCollection(settings.Chunk(2).ToDictionary(pair => pair[0], pair => (string?)pair[1]))
        .Build();
}

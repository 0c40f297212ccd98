using System.Net;
using System.Net.Sockets;

namespace Weft.Host.Tests;

/// <summary>What keeps the server from starting is told in one line.</summary>
public sealed class StartTests : HostTests
{
    [Fact]
    public async Task AFolder_that_another_server_uses()
    {
        using var first = HostProcess.Start(Folder, [], "--data", Folder, "--urls", "http://127.0.0.1:0");
        try
        {
            (await first.StandardOutput.ReadLineAsync(Stop)).ShouldNotBeNull().ShouldStartWith("Weft listens on");
            await FailsAsync(
                $"Another server uses the data in '{Folder}'; each server has a folder of its own. Another folder: --data <folder>.",
                "--data",
                Folder,
                "--urls",
                "http://127.0.0.1:0");
        }
        finally
        {
            first.Kill();
            await first.WaitForExitAsync(Stop);
        }
    }

    [Fact]
    public async Task An_address_that_is_in_use()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var address = $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";
        await FailsAsync(
            $"Failed to bind to address {address}: address already in use. Another address: --urls http://localhost:<port>.",
            "--data",
            Folder,
            "--urls",
            address);
    }

    [Fact]
    public async Task AFolder_that_can_not_be_made()
    {
        var file = Path.Combine(Folder, "file");
        await File.WriteAllTextAsync(file, "", Stop);
        await FailsAsync($"The folder '{file}' can't be made: ", "--data", file);
    }

    [Fact]
    public async Task A_database_that_can_not_be_written()
    {
        var database = Directory.CreateDirectory(Path.Combine(Folder, "weft.db")).FullName;
        await FailsAsync($"The database '{database}' can't be opened: ", "--data", Folder);
    }

    [Theory]
    [InlineData("nowhere", "Invalid url: 'nowhere'")]
    [InlineData("http://192.0.2.1:8123", "")]
    public async Task An_address_that_is_not_ones_own(string address, string reason) =>
        await FailsAsync($"Can't listen at {address}: {reason}", "--data", Folder, "--urls", address, "--insecure");

    [Theory]
    [InlineData("http://127.0.0.1:99999", "the port must be a number from 0 to 65535 (was 99999)")]
    [InlineData("http://localhost:70000", "the port must be a number from 0 to 65535 (was 70000)")]
    public async Task A_port_that_does_not_exist(string address, string reason) =>
        await FailsAsync(
            $"Can't listen at {address}: {reason}. Another address: --urls http://localhost:<port>.",
            "--data",
            Folder,
            "--urls",
            address);

    [Fact]
    public async Task Https_without_a_certificate() =>
        await FailsAsync("Weft can't start: Unable to configure HTTPS endpoint.", "--data", Folder, "--urls", "https://127.0.0.1:0");

    [Theory]
    [InlineData("nowhere")]
    [InlineData("localhost:1")]
    public async Task A_model_at_no_address(string address) =>
        await FailsWithAsync(
            new() { ["OPENAI_API_KEY"] = "k", ["OPENAI_BASE_URL"] = address },
            $"OPENAI_BASE_URL must be an address that begins with http:// or https:// (was '{address}').",
            "--data",
            Folder);

    [Fact]
    public async Task A_settings_file_that_is_not_JSON()
    {
        await File.WriteAllTextAsync(Path.Combine(Folder, "appsettings.json"), """{ "Weft": """, Stop);
        await FailsAsync("Failed to load configuration from file");
    }

    [Theory]
    [InlineData("WEFT__RUNS__ATTEMPTSMAX", "0", "Weft:Runs:AttemptsMax must be greater than 0 (was 0).")]
    [InlineData("Weft__Runs__RunTimeout", "-00:00:01", "Weft:Runs:RunTimeout must be greater than 0 and less than 49 days (was -00:00:01).")]
    [InlineData("Weft__Server__PageSizeMax", "many", "Weft can't start: Failed to convert configuration value 'many' at 'Weft:Server:PageSizeMax'")]
    [InlineData("Weft__Sqlite__QueuedWritesMax", "-1", "Weft:Sqlite:QueuedWritesMax must be greater than 0 (was -1).")]
    [InlineData("Weft__Sqlite__Synchronous", "Half", "Weft can't start: Failed to convert configuration value 'Half' at 'Weft:Sqlite:Synchronous'")]
    [InlineData("Weft__Runs__UnfinishedRunsPerActorMax", "0", "Weft:Runs:UnfinishedRunsPerActorMax must be greater than 0 (was 0).")]
    [InlineData("Weft__Server__StreamsPerActorMax", "0", "Weft:Server:StreamsPerActorMax must be greater than 0 (was 0).")]
    [InlineData("Weft__Server__RequestsPerMinuteMax", "-5", "Weft:Server:RequestsPerMinuteMax must be greater than 0 (was -5).")]
    [InlineData("Weft__Server__RequestBurstMax", "0", "Weft:Server:RequestBurstMax must be greater than 0 (was 0).")]
    [InlineData("Weft__Runs__RunTimeot", "1", "Weft:Runs:RunTimeot is not an option.")]
    [InlineData("Weft__Sqlite__Sync", "1", "Weft:Sqlite:Sync is not an option.")]
    [InlineData(
        "Weft__Dta",
        "1",
        "Weft:Dta is not an option. Options are below Weft:Auth, Weft:Cluster, Weft:Data, Weft:Docs, Weft:Embeddings, Weft:Insecure, Weft:Models, Weft:Postgres, Weft:Runs, Weft:Server, Weft:Sqlite, Weft:Store.")]
    [InlineData(
        "Weft__Postgres__Schema", "weft", "Weft:Postgres:Schema has no effect, because Weft:Postgres:ConnectionString is not set.")]
    [InlineData(
        "WEFT_POSTGRES",
        "Host=localhost",
        "Weft:Data and Weft:Postgres:ConnectionString can't be used together: data is either in a folder or in PostgreSQL.")]
    [InlineData(
        "Weft__Cluster__Enabled",
        "true",
        "Weft:Cluster:Enabled needs PostgreSQL, because the servers of a cluster share a database: set Weft:Postgres:ConnectionString (--postgres).")]
    [InlineData(
        "Weft__Cluster__SiloPort", "11111", "Weft:Cluster:SiloPort has no effect, because Weft:Cluster:Enabled is not true (--cluster).")]
    [InlineData(
        "Weft__Cluster__Enabled", "yes", "Weft can't start: Failed to convert configuration value 'yes' at 'Weft:Cluster:Enabled'")]
    [InlineData("Weft__Auth", "true", "Weft:Auth is not an option (was 'true'). Options are below it.")]
    [InlineData("Weft__Auth__ApiKeys", "true", "Weft:Auth:ApiKeys is not an option (was 'true'). Options are below it.")]
    [InlineData("Weft__Auth__ApiKeys__Enabld", "true", "Weft:Auth:ApiKeys:Enabld is not an option.")]
    [InlineData(
        "Weft__Auth__ApiKeys__Enabled",
        "yes",
        "Weft can't start: Failed to convert configuration value 'yes' at 'Weft:Auth:ApiKeys:Enabled'")]
    [InlineData("Weft__Auth__Jwt__Audience", "weft", "Weft:Auth:Jwt:Audience needs Weft:Auth:Jwt:Authority too.")]
    [InlineData("Weft__Auth__Jwt__Authority", "https://issuer.example", "Weft:Auth:Jwt:Authority needs Weft:Auth:Jwt:Audience too.")]
    public async Task An_option_that_is_wrong(string variable, string value, string line) =>
        await FailsWithAsync(new() { [variable] = value }, line, "--data", Folder, "--urls", "http://127.0.0.1:0");

    [Theory]
    [InlineData("Unknown option '--urlz'. Did you mean '--urls'? See --help.", "--urlz", "http://127.0.0.1:0")]
    [InlineData("Unknown option '--auth'. See --help.", "--auth", "token")]
    [InlineData("--port must be a number from 0 to 65535 (was '99999'). See --help.", "--port", "99999")]
    public async Task An_argument_that_is_wrong(string line, params string[] arguments) => await FailsAsync(line, arguments);

    [Theory]
    [InlineData("http://issuer.example")]
    [InlineData("issuer.example")]
    public async Task An_issuer_that_can_not_be_trusted(string authority) => await FailsAsync(
        $"Weft:Auth:Jwt:Authority must be an address that begins with https://, or http:// on this machine (was '{authority}').",
        "--data",
        Folder,
        "--Weft:Auth:Jwt:Authority",
        authority,
        "--Weft:Auth:Jwt:Audience",
        "weft");

    [Fact]
    public async Task A_limit_of_API_keys_that_is_wrong() => await FailsAsync(
        "Weft:Auth:ApiKeys:CachedKeysMax must be greater than 0 (was 0).",
        "--data",
        Folder,
        "--urls",
        "http://127.0.0.1:0",
        "--Weft:Auth:ApiKeys:Enabled=true",
        "--Weft:Auth:ApiKeys:CachedKeysMax=0");

    private Task FailsAsync(string line, params string[] arguments) => FailsWithAsync([], line, arguments);

    private async Task FailsWithAsync(Dictionary<string, string> environment, string line, params string[] arguments)
    {
        var (exitCode, output, error) = await HostProcess.RunAsync(Folder, environment, arguments);
        exitCode.ShouldBe(1);
        error.TrimEnd().Split('\n').ShouldHaveSingleItem().ShouldStartWith(line);
        output.ShouldBeEmpty();
    }
}

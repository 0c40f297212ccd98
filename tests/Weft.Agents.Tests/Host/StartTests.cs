using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Weft.Agents.Tests.Host;

/// <summary>What keeps the server from starting is told in one line.</summary>
public sealed class StartTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("weft-start-").FullName;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_folder_that_another_server_uses()
    {
        using var first = Start("--data", _folder, "--urls", "http://127.0.0.1:0");
        try
        {
            (await first.StandardOutput.ReadLineAsync(Stop)).ShouldNotBeNull().ShouldStartWith("Weft listens on");
            await FailsAsync($"Another server uses the data in '{_folder}'; each server has a folder of its own. Another folder: --data <folder>.", "--data", _folder, "--urls", "http://127.0.0.1:0");
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
        await FailsAsync($"Failed to bind to address {address}: address already in use. Another address: --urls http://localhost:<port>.", "--data", _folder, "--urls", address);
    }

    [Fact]
    public async Task A_folder_that_can_not_be_made()
    {
        var file = Path.Combine(_folder, "file");
        await File.WriteAllTextAsync(file, "", Stop);
        await FailsAsync($"The folder '{file}' can't be made: ", "--data", file);
    }

    [Fact]
    public async Task A_database_that_can_not_be_written()
    {
        var database = Directory.CreateDirectory(Path.Combine(_folder, "weft.db")).FullName;
        await FailsAsync($"The database '{database}' can't be opened: ", "--data", _folder);
    }

    [Theory]
    [InlineData("nowhere", "Invalid url: 'nowhere'")]
    [InlineData("http://192.0.2.1:8123", "")]
    public async Task An_address_that_is_not_ones_own(string address, string reason) =>
        await FailsAsync($"Can't listen at {address}: {reason}", "--data", _folder, "--urls", address);

    [Fact]
    public async Task A_model_at_no_address() =>
        await FailsAsync("OPENAI_BASE_URL is 'nowhere', which is no absolute address.", "--data", _folder, "--OPENAI_API_KEY", "k", "--OPENAI_BASE_URL", "nowhere");

    private static async Task FailsAsync(string line, params string[] arguments)
    {
        using var server = Start(arguments);
        var said = await server.StandardError.ReadToEndAsync(Stop);
        await server.WaitForExitAsync(Stop);
        server.ExitCode.ShouldBe(1);
        said.TrimEnd().Split('\n').ShouldHaveSingleItem().ShouldStartWith(line);
        (await server.StandardOutput.ReadToEndAsync(Stop)).ShouldBeEmpty();
    }

    private static Process Start(params string[] arguments) => Process.Start(
        new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Weft.Host.dll"), .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
}

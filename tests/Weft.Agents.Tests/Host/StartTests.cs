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

    private static async Task FailsAsync(string line, params string[] arguments)
    {
        using var server = Start(arguments);
        var said = await server.StandardError.ReadToEndAsync(Stop);
        await server.WaitForExitAsync(Stop);
        server.ExitCode.ShouldBe(1);
        said.TrimEnd().Split('\n').ShouldHaveSingleItem().ShouldStartWith(line);
    }

    private static Process Start(params string[] arguments) => Process.Start(
        new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Weft.Host.dll"), .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
}

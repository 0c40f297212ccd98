using System.Diagnostics;
using System.Net;

namespace Weft.Host.Tests;

/// <summary>The server as a user starts and stops it.</summary>
public sealed class RunningTests : HostTests
{
    [Fact]
    public async Task Settings_come_from_the_file_and_the_environment_of_which_only_prefixed_variables_count()
    {
        await File.WriteAllTextAsync(
            Path.Combine(Folder, "appsettings.json"),
            """{ "Weft": { "Server": { "PageSizeMax": 7 }, "Runs": { "AttemptsMax": 2 } } }""",
            Stop);
        var environment = new Dictionary<string, string>
        {
            ["WEFT__DATA"] = Path.Combine(Folder, "kept"),
            ["DATA"] = Path.Combine(Folder, "stray"),
            ["URLS"] = "http://127.0.0.1:99999",
            ["HTTP_PORTS"] = "stray",
        };
        using var server = HostProcess.Start(Folder, environment, "--urls", "http://127.0.0.1:0");

        var address = await AddressAsync(server);
        using var client = new HttpClient { BaseAddress = address };
        using var page = await client.PostAsync("/threads/search", new StringContent("""{"limit":8}""", null, "application/json"), Stop);
        await StopAsync(server);

        page.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        File.Exists(Path.Combine(Folder, "kept", "weft.db")).ShouldBeTrue();
        Directory.Exists(Path.Combine(Folder, "stray")).ShouldBeFalse();
    }

    [Fact]
    public async Task A_signal_stops_it_with_a_line_and_exit_code_0()
    {
        using var server = HostProcess.Start(Folder, [], "--urls", "http://127.0.0.1:0");
        await AddressAsync(server);

        (await StopAsync(server)).ShouldContain("Weft is stopping");

        server.ExitCode.ShouldBe(0);
        Directory.Exists(Path.Combine(Folder, ".weft")).ShouldBeTrue();
    }

    [Theory]
    [InlineData("--urls http://127.0.0.1:0", false)]
    [InlineData("--urls http://127.0.0.1:0 --insecure", false)]
    [InlineData("--urls http://0.0.0.0:0 --insecure", true)]
    [InlineData("--urls http://0.0.0.0:0 --Weft:Insecure true", true)]
    [InlineData("--urls http://0.0.0.0:0 --Weft:Auth:ApiKeys:Enabled true", false)]
    public async Task A_server_without_authentication_that_others_can_reach_warns(string arguments, bool isWarned)
    {
        using var server = HostProcess.Start(Folder, [], arguments.Split(' '));
        var address = await server.StandardOutput.ReadLineAsync(Stop);

        var said = await StopAsync(server);

        address.ShouldNotBeNull().ShouldStartWith("Weft listens on");
        said.Contains("Warning: other machines can reach this server", StringComparison.Ordinal).ShouldBe(isWarned);
    }

    [Theory]
    [InlineData("--help", "Usage: weft [options]")]
    [InlineData("--version", "Weft 0.1.0")]
    public async Task Help_and_version_start_no_server(string argument, string text)
    {
        using var server = HostProcess.Start(Folder, [], argument);

        (await server.StandardOutput.ReadToEndAsync(Stop)).ShouldStartWith(text);

        await server.WaitForExitAsync(Stop);
        server.ExitCode.ShouldBe(0);
        Directory.EnumerateFileSystemEntries(Folder).ShouldBeEmpty();
    }

    private static async Task<Uri> AddressAsync(Process server)
    {
        var line = await server.StandardOutput.ReadLineAsync(Stop);
        return new Uri(line.ShouldNotBeNull().Replace("Weft listens on ", "", StringComparison.Ordinal));
    }

    /// <summary>
    /// Stops it as a service manager does, and returns the rest of what it printed. Ctrl+C is ignored by what a shell
    /// started in the background.
    /// </summary>
    private static async Task<string> StopAsync(Process server)
    {
        using (var kill = Process.Start("kill", ["-TERM", $"{server.Id}"]))
        {
            await kill.WaitForExitAsync(Stop);
        }

        var said = await server.StandardOutput.ReadToEndAsync(Stop);
        await server.WaitForExitAsync(Stop);
        return said;
    }
}

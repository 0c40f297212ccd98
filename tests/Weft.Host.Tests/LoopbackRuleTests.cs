using System.Net;

namespace Weft.Host.Tests;

/// <summary>Without authentication the server serves its own machine only, however its addresses are set.</summary>
public sealed class LoopbackRuleTests : HostTests
{
    [Theory]
    [InlineData("http://0.0.0.0:0", "--urls http://0.0.0.0:0")]
    [InlineData("http://*:0", "--urls http://127.0.0.1:0;http://*:0")]
    [InlineData("http://[::]:0", "--urls http://[::]:0")]
    [InlineData("http://192.0.2.1:8123", "--urls http://192.0.2.1:8123")]
    [InlineData("http://agents.example:0", "--urls http://agents.example:0")]
    [InlineData("http://localhost.:0", "--urls http://localhost.:0")]
    [InlineData("http://0.0.0.0:0", "--Kestrel:Endpoints:Web:Url http://0.0.0.0:0")]
    [InlineData("http://0.0.0.0:0", "--port 0 --Kestrel:Endpoints:Web:Url http://0.0.0.0:0")]
    [InlineData("http://0.0.0.0:0", "--urls http://0.0.0.0:0 --insecure=false")]
    [InlineData("http://0.0.0.0:0", "--urls http://0.0.0.0:0 --Weft:Auth:ApiKeys:Enabled false")]
    public async Task An_address_of_the_command_line_is_refused(string address, string arguments) =>
        await IsRefusedAsync(address, [], arguments.Split(' '));

    [Theory]
    [InlineData("ASPNETCORE_URLS", "http://+:0", "http://+:0")]
    [InlineData("DOTNET_URLS", "http://+:0", "http://+:0")]
    [InlineData("ASPNETCORE_HTTP_PORTS", "8080;8081", "http://*:8080")]
    [InlineData("DOTNET_HTTP_PORTS", "8080", "http://*:8080")]
    [InlineData("ASPNETCORE_HTTPS_PORTS", "8443", "https://*:8443")]
    [InlineData("Kestrel__Endpoints__Web__Url", "http://0.0.0.0:0", "http://0.0.0.0:0")]
    [InlineData("ASPNETCORE_Kestrel__Endpoints__Web__Url", "http://0.0.0.0:0", "http://0.0.0.0:0")]
    public async Task An_address_of_the_environment_is_refused(string variable, string value, string address) =>
        await IsRefusedAsync(address, new() { [variable] = value });

    [Theory]
    [InlineData("""{"urls":"http://0.0.0.0:0"}""")]
    [InlineData("""{"Kestrel":{"Endpoints":{"Web":{"Url":"http://0.0.0.0:0"}}}}""")]
    public async Task An_address_of_the_settings_file_is_refused(string settings)
    {
        await File.WriteAllTextAsync(Path.Combine(Folder, "appsettings.json"), settings, Stop);
        await IsRefusedAsync("http://0.0.0.0:0", []);
    }

    [Theory]
    [InlineData("http://localhost:0", true)]
    [InlineData("http://127.0.0.1:0", true)]
    [InlineData("http://127.8.9.1:0", true)]
    [InlineData("https://[::1]:0", true)]
    [InlineData("http://[::ffff:127.0.0.1]:0", true)]
    [InlineData("http://unix:/run/weft.sock", true)]
    [InlineData("http://128.0.0.1:0", false)]
    [InlineData("http://0:0", false)]
    [InlineData("http://127.0.0.1.example:0", false)]
    [InlineData("http://app.localhost:0", false)]
    public void Loopback_addresses_are_those_that_the_server_binds_to_loopback(string address, bool isLoopback) =>
        Addresses.IsLoopback(address).ShouldBe(isLoopback);

    [Fact]
    public async Task An_insecure_server_still_refuses_unknown_names_and_foreign_pages()
    {
        await using var server = await RunningHost.StartAsync(
            Folder, "--urls", "http://0.0.0.0:0", "--insecure", "--Weft:Server:AllowedHosts:0", "agents.example");

        (await server.CallAsync(HttpMethod.Post, "/threads")).Status.ShouldBe(HttpStatusCode.OK);
        (await server.CallAsync(HttpMethod.Post, "/threads", ("Host", "agents.example"))).Status.ShouldBe(HttpStatusCode.OK);
        var named = await server.CallAsync(HttpMethod.Post, "/threads", ("Host", "other.example"));
        named.Status.ShouldBe(HttpStatusCode.BadRequest);
        named.Body.GetProperty("detail").GetString().ShouldNotBeNull().ShouldContain("AllowedHosts");
        (await server.CallAsync(HttpMethod.Post, "/threads", ("Origin", "https://evil.example"))).Status.ShouldBe(HttpStatusCode.Forbidden);
        (await server.CallAsync(HttpMethod.Post, "/threads", ("Origin", "http://localhost:3000"))).Status.ShouldBe(HttpStatusCode.OK);
    }

    private async Task IsRefusedAsync(string address, Dictionary<string, string> environment, params string[] arguments)
    {
        var (exitCode, output, error) = await HostProcess.RunAsync(Folder, environment, arguments);

        exitCode.ShouldBe(1);
        var line = error.TrimEnd().Split('\n').ShouldHaveSingleItem();
        line.ShouldStartWith($"Other machines could reach {address}, but no authentication is configured.");
        line.ShouldContain("Weft:Auth:ApiKeys:Enabled");
        line.ShouldContain("--insecure");
        output.ShouldBeEmpty();
        Directory.Exists(Path.Combine(Folder, ".weft")).ShouldBeFalse();
    }
}

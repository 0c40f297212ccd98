using System.Text.Json;

namespace Weft.Host.Tests.Commands;

public sealed class OpenApiTests : HostTests
{
    [Fact]
    public async Task The_document_is_that_of_a_running_server()
    {
        var (code, output, error) = await HostProcess.RunAsync(Folder, [], "openapi");
        await using var host = await RunningHost.StartAsync(Folder, "--urls", "http://127.0.0.1:0");
        var served = await host.Client.GetStringAsync("/openapi.json", Stop);

        error.ShouldBeEmpty();
        code.ShouldBe(0);
        var printed = JsonElement.Parse(output);
        printed.GetProperty("servers")[0].GetProperty("url").GetString().ShouldBe("http://localhost:8123");
        JsonElement.DeepEquals(printed.GetProperty("paths"), JsonElement.Parse(served).GetProperty("paths")).ShouldBeTrue();
    }

    [Fact]
    public async Task It_listens_nowhere_and_stores_nothing()
    {
        var environment = new Dictionary<string, string>
        {
            ["ASPNETCORE_URLS"] = "http://0.0.0.0:1",
            ["Kestrel__Endpoints__Main__Url"] = "http://localhost:1",
        };

        var (code, output, error) = await HostProcess.RunAsync(Folder, environment, "openapi", "--Weft:Server:ServesOpenAi", "false");

        error.ShouldBeEmpty();
        code.ShouldBe(0);
        output.ShouldNotContain("/v1/chat/completions");
        Directory.EnumerateFileSystemEntries(Folder).ShouldBeEmpty();
    }

    [Fact]
    public async Task An_endpoint_with_a_certificate_does_not_matter()
    {
        var environment = new Dictionary<string, string>
        {
            ["Kestrel__Endpoints__Main__Url"] = "https://localhost:1",
            ["Kestrel__Endpoints__Main__Certificate__Path"] = "missing.pem",
            ["Kestrel__Endpoints__Main__SslProtocols__0"] = "Tls13",
            ["Kestrel__Certificates__Default__Path"] = "missing.pem",
        };

        var (code, output, error) = await HostProcess.RunAsync(Folder, environment, "openapi");

        error.ShouldBeEmpty();
        code.ShouldBe(0);
        JsonElement.Parse(output).GetProperty("servers")[0].GetProperty("url").GetString().ShouldBe("http://localhost:8123");
    }
}

using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json;

namespace Weft.Packages.Tests;

/// <summary>What someone does who has only the packages.</summary>
public sealed class TemplateTests(PackageFeed feed)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_server_is_created_tested_and_called()
    {
        await CreateAsync("weft", "My-Agent");
        var tested = await feed.In("My-Agent").RunAsync("test", "-c", "Release");
        tested.ShouldContain("Passed!");

        var program = Path.Combine(feed.Folder, "My-Agent", "My-Agent", "bin", "Release", "net10.0", "My-Agent.dll");
        using var server = feed.DotNet.Start("dotnet", program, "--urls", "http://127.0.0.1:0", "--contentRoot", Path.GetDirectoryName(program)!);
        try
        {
            var address = await AddressOfAsync(server);
            using var client = new HttpClient { BaseAddress = address, Timeout = Limit };
            using var body = new StringContent(
                """{"assistant_id":"agent","input":{"messages":"Good morning"}}""", Encoding.UTF8, "application/json");
            using var answer = await client.PostAsync("/runs/wait", body, Stop);

            answer.StatusCode.ShouldBe(HttpStatusCode.OK);
            var messages = JsonElement.Parse(await answer.Content.ReadAsStringAsync(Stop)).GetProperty("messages");
            messages[1].GetProperty("content").GetString().ShouldNotBeNull().ShouldStartWith("You said: Good morning");
        }
        finally
        {
            DotNet.End(server);
        }
    }

    [Fact]
    public async Task A_graph_is_created_and_run()
    {
        await CreateAsync("weft-graph", "MyGraph");
        await feed.DotNet.RunAsync("build", "MyGraph", "-c", "Release", "-nodeReuse:false");

        var program = Path.Combine(feed.Folder, "MyGraph", "bin", "Release", "net10.0", "MyGraph.dll");
        var output = await feed.DotNet.RunProgramAsync("dotnet", "y\n", program, "silk");

        output.TrimEnd().ShouldBe("Print 'All about silk.'? [y/n] wrote, printed 3 words");
    }

    [Fact]
    public async Task The_tool_is_installed_and_used()
    {
        var tools = Path.Combine(feed.Folder, "tools");
        await feed.DotNet.RunAsync("tool", "install", "Weft.Host", "--version", PackageFeed.Version, "--tool-path", tools);
        var weft = Path.Combine(tools, OperatingSystem.IsWindows() ? "weft.exe" : "weft");

        (await feed.DotNet.RunProgramAsync(weft, "", "--version")).TrimEnd().ShouldBe($"Weft {PackageFeed.Version}");
        (await feed.DotNet.RunProgramAsync(weft, "", "check")).ShouldContain("settings    valid");
        JsonElement.Parse(await feed.DotNet.RunProgramAsync(weft, "", "openapi")).GetProperty("paths").EnumerateObject().ShouldNotBeEmpty();
    }

    private async Task CreateAsync(string template, string name)
    {
        // The templates of the machine stay as they are.
        var hive = Path.Combine(feed.Folder, $"hive-{template}");
        var package = Path.Combine(feed.Packages, $"Weft.Templates.{PackageFeed.Version}.nupkg");
        await feed.DotNet.RunAsync("new", "install", package, "--debug:custom-hive", hive);
        await feed.DotNet.RunAsync("new", template, "-o", name, "--no-restore", "--debug:custom-hive", hive);
    }

    private static async Task<Uri> AddressOfAsync(Process server)
    {
        const string Mark = "Now listening on: ";
        while (await server.StandardOutput.ReadLineAsync(Stop).AsTask().WaitAsync(Limit, Stop) is { } line)
        {
            if (line.Contains(Mark, StringComparison.Ordinal))
            {
                return new Uri(line[(line.IndexOf(Mark, StringComparison.Ordinal) + Mark.Length)..]);
            }
        }

        throw new InvalidOperationException($"The server has ended: {await server.StandardError.ReadToEndAsync(Stop)}");
    }
}

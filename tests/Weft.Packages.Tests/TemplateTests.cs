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

        // As the container file does it, where the sources and the program are in folders of the root.
        var app = Path.Combine(feed.Folder, "app");
        var container = await File.ReadAllLinesAsync(Path.Combine(feed.Folder, "My-Agent", "Dockerfile"), Stop);
        var publish = container.Single(line => line.StartsWith("RUN dotnet publish ", StringComparison.Ordinal));
        await feed.In("My-Agent").RunAsync(publish["RUN dotnet ".Length..].Replace("/app", app, StringComparison.Ordinal).Split(' '));
        var entry = JsonSerializer.Deserialize<string[]>(container[^1]["ENTRYPOINT ".Length..]).ShouldNotBeNull();
        using var server = feed.In("app").Start(entry[0], [.. entry[1..], "--urls", "http://127.0.0.1:0"]);
        try
        {
            (await SayAsync(await AddressOfAsync(server))).ShouldStartWith("You said: Good morning");
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
        var weft = await InstallToolAsync();

        (await feed.DotNet.RunProgramAsync(weft, "", "--version")).TrimEnd().ShouldBe($"Weft {PackageFeed.Version}");
        (await feed.DotNet.RunProgramAsync(weft, "", "check")).ShouldContain("settings    valid");
        JsonElement.Parse(await feed.DotNet.RunProgramAsync(weft, "", "openapi")).GetProperty("paths").EnumerateObject().ShouldNotBeEmpty();
        (await feed.DotNet.RunProgramAsync(weft, "", "keys", "create", "--name", "ci", "--owner", "alice")).ShouldNotBeNullOrWhiteSpace();
        (await feed.DotNet.RunProgramAsync(weft, "", "keys", "list")).ShouldContain("alice");
        (await feed.DotNet.RunProgramAsync(weft, "", "backup", "kept.db")).TrimEnd().ShouldEndWith(", integrity ok.");
    }

    [Fact]
    public async Task A_change_of_the_sources_reaches_the_server_that_the_tool_runs()
    {
        await CreateAsync("weft", "Watched");
        var weft = await InstallToolAsync();
        var there = feed.In("Watched");
        await there.RunAsync("restore");
        using var watched = there.Start(weft, "dev", "--", "--urls", "http://127.0.0.1:0");
        try
        {
            var address = await AddressOfAsync(watched);
            (await SayAsync(address)).ShouldStartWith("You said: Good morning");

            var source = Path.Combine(feed.Folder, "Watched", "Watched", "StandInModel.cs");
            var text = await File.ReadAllTextAsync(source, Stop);
            await File.WriteAllTextAsync(source, text.Replace("You said:", "You wrote:", StringComparison.Ordinal), Stop);

            // The same server at the same address, a moment after the file has changed.
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(Stop);
            limit.CancelAfter(Limit);
            string answer;
            do
            {
                limit.Token.ThrowIfCancellationRequested();
                answer = await SayAsync(address);
            }
            while (answer.StartsWith("You said:", StringComparison.Ordinal));

            answer.ShouldStartWith("You wrote: Good morning");
        }
        finally
        {
            DotNet.End(watched);
        }
    }

    [Fact]
    public async Task Each_library_can_be_used_by_who_has_only_its_package()
    {
        await feed.DotNet.RunAsync("new", "console", "-o", "User", "--no-restore");
        string[] libraries =
        [
            .. Directory.GetFiles(feed.Packages, "*.snupkg")
                .Select(file => Path.GetFileName(file)[..^$".{PackageFeed.Version}.snupkg".Length])
                .Except(["Weft.Host"]),
        ];
        foreach (var library in libraries)
        {
            await feed.In("User").RunAsync("add", "package", library, "--version", PackageFeed.Version, "--no-restore");
        }

        // The types of an assembly can be loaded only with all that it depends on.
        var names = string.Join(", ", libraries.Select(library => $"\"{library}\""));
        await File.WriteAllTextAsync(
            Path.Combine(feed.Folder, "User", "Program.cs"),
            $$"""
            foreach (var name in (string[])[{{names}}])
            {
                Console.WriteLine($"{name}: {System.Reflection.Assembly.Load(name).GetTypes().Length > 0}");
            }
            """,
            Stop);

        await feed.In("User").RunAsync("build", "-c", "Release", "-o", "built", "-nodeReuse:false");
        var output = await feed.In("User").RunAsync(Path.Combine("built", "User.dll"));

        output.TrimEnd().Split('\n').Select(line => line.Trim()).ShouldBe(libraries.Select(library => $"{library}: True"));
    }

    private async Task CreateAsync(string template, string name)
    {
        // The templates of the machine stay as they are.
        var hive = Path.Combine(feed.Folder, $"hive-{name}");
        var package = Path.Combine(feed.Packages, $"Weft.Templates.{PackageFeed.Version}.nupkg");
        await feed.DotNet.RunAsync("new", "install", package, "--debug:custom-hive", hive);
        await feed.DotNet.RunAsync("new", template, "-o", name, "--no-restore", "--debug:custom-hive", hive);
    }

    private async Task<string> InstallToolAsync()
    {
        var tools = Path.Combine(feed.Folder, "tools");
        var weft = Path.Combine(tools, OperatingSystem.IsWindows() ? "weft.exe" : "weft");
        if (!File.Exists(weft))
        {
            await feed.DotNet.RunAsync("tool", "install", "Weft.Host", "--version", PackageFeed.Version, "--tool-path", tools);
        }

        return weft;
    }

    /// <summary>Says good morning to the agent, and returns its answer.</summary>
    private static async Task<string> SayAsync(Uri address)
    {
        using var client = new HttpClient { BaseAddress = address, Timeout = Limit };
        using var body = new StringContent(
            """{"assistant_id":"agent","input":{"messages":"Good morning"}}""", Encoding.UTF8, "application/json");
        using var answer = await client.PostAsync("/runs/wait", body, Stop);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        var messages = JsonElement.Parse(await answer.Content.ReadAsStringAsync(Stop)).GetProperty("messages");
        return messages[1].GetProperty("content").GetString().ShouldNotBeNull();
    }

    private static async Task<Uri> AddressOfAsync(Process server)
    {
        const string Mark = "Now listening on: ";
        var before = new StringBuilder();
        while (await server.StandardOutput.ReadLineAsync(Stop).AsTask().WaitAsync(Limit, Stop) is { } line)
        {
            if (line.Contains(Mark, StringComparison.Ordinal))
            {
                return new Uri(line[(line.IndexOf(Mark, StringComparison.Ordinal) + Mark.Length)..]);
            }

            before.AppendLine(line);
        }

        throw new InvalidOperationException($"The server has ended: {before}{await server.StandardError.ReadToEndAsync(Stop)}");
    }
}

using System.Net.Http.Json;
using System.Text.Json;
using Weft.Models.Tests;

namespace Weft.Host.Tests;

/// <summary>The models that the server is configured with.</summary>
public sealed class HostModelsTests : HostTests
{
    [Theory]
    [InlineData("openai", "OpenAI.dll")]
    [InlineData("azure-openai", "OpenAI.dll")]
    [InlineData("ollama", "OllamaSharp.dll")]
    [InlineData("anthropic", "Anthropic.dll")]
    public async Task A_provider_answers_and_its_client_is_loaded_by_the_first_call(string dialect, string assembly)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The files that a process has loaded are listed by Linux.");
        await using var provider = await ProviderServer.StartAsync(
            dialect,
            ProviderServer.Answers(dialect, Reply.Asks("calculator", "{\"expression\":", "\"6*7\"}")),
            ProviderServer.Answers(dialect, Reply.Says("It is ", "42.")));
        await using var host = await RunningHost.StartAsync(
            Folder, ["--urls", "http://127.0.0.1:0", "--Weft:Models:Default", "real", .. Settings(provider, dialect, "real")]);
        string[] clients = ["OpenAI.dll", "OllamaSharp.dll", "Anthropic.dll"];
        (await LoadedAsync(host)).Intersect(clients).ShouldBeEmpty();

        var (status, answer) = await RunAsync(host, "6*7?", "real");

        status.ShouldBe(200, answer);
        answer.ShouldContain("It is 42.");
        answer.ShouldNotContain(ProviderServer.Key);
        (await LoadedAsync(host)).ShouldContain(assembly);
    }

    [Fact]
    public async Task The_stand_in_loads_nothing_of_models()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The files that a process has loaded are listed by Linux.");
        await using var host = await RunningHost.StartAsync(Folder, "--urls", "http://127.0.0.1:0");

        var (status, answer) = await RunAsync(host, "6*7?", null);

        status.ShouldBe(200, answer);
        string[] parts =
            ["Weft.Models.dll", "Polly.Core.dll", "Microsoft.Extensions.Http.Resilience.dll", "OpenAI.dll", "OllamaSharp.dll", "Anthropic.dll"];
        (await LoadedAsync(host)).Intersect(parts).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_model_that_is_not_configured_is_refused_and_the_others_are_listed()
    {
        await using var provider = await ProviderServer.StartAsync("openai");
        await using var host = await RunningHost.StartAsync(
            Folder,
            [
                "--urls", "http://127.0.0.1:0", "--Weft:Models:Default", "small", .. Settings(provider, "openai", "small"),
                .. Settings(provider, "openai", "large"),
            ]);

        var (status, answer) = await RunAsync(host, "hi", "huge");
        var schemas = await host.Client.GetFromJsonAsync<JsonElement>("/assistants/chat/schemas", Stop);

        status.ShouldBe(422);
        answer.ShouldContain("config.configurable.model: 'huge' is none of large, small.");
        schemas.GetProperty("config_schema").GetProperty("properties").GetProperty("model").GetProperty("enum").EnumerateArray()
            .Select(name => name.GetString()).ShouldBe(["large", "small"]);
    }

    [Theory]
    [InlineData("Weft:Models:Chat:m:Provider must be one of openai, azure-openai, ollama, anthropic (was 'bard').", "Provider", "bard")]
    [InlineData("Weft:Models:Chat:m:Endpoint must be an address that begins with http:// or https:// (was 'gpu').", "Endpoint", "gpu")]
    [InlineData("Weft:Models:Chat:m:Kind is not an option.", "Kind", "x")]
    [InlineData("Weft can't start: Failed to convert configuration value 'many' at 'Weft:Models:Chat:m:MaxOutputTokens'", "MaxOutputTokens", "many")]
    public async Task A_setting_that_is_wrong_is_one_line_at_the_start_and_in_the_check(string line, string name, string value)
    {
        string[] arguments = ["--Weft:Models:Chat:m:Provider", "ollama", $"--Weft:Models:Chat:m:{name}", value];
        foreach (var command in (string[][])[[], ["check"]])
        {
            var (exitCode, _, error) = await HostProcess.RunAsync(Folder, [], [.. command, "--data", Folder, .. arguments]);

            exitCode.ShouldBe(1);
            error.TrimEnd().Split('\n').ShouldHaveSingleItem().ShouldStartWith(line);
        }
    }

    [Fact]
    public async Task The_check_names_the_models_and_not_their_keys()
    {
        var environment = new Dictionary<string, string> { ["ANTHROPIC_API_KEY"] = ProviderServer.Key, ["OLLAMA_HOST"] = "gpu" };

        var (exitCode, output, error) = await HostProcess.RunAsync(
            Folder,
            environment,
            "check",
            "--data",
            Folder,
            "--Weft:Models:Default",
            "small",
            "--Weft:Models:Chat:small:Provider",
            "ollama",
            "--Weft:Models:Chat:large:Provider",
            "anthropic",
            "--Weft:Models:Chat:large:Model",
            "claude-1");

        error.ShouldBeEmpty();
        exitCode.ShouldBe(0);
        output.ShouldContain("model       large: claude-1 of anthropic, small at http://gpu:11434/ (default)");
        output.ShouldNotContain(ProviderServer.Key);
    }

    private static string[] Settings(ProviderServer provider, string dialect, string name) =>
    [
        $"--Weft:Models:Chat:{name}:Provider", dialect,
        $"--Weft:Models:Chat:{name}:Model", Dialect.Model,
        $"--Weft:Models:Chat:{name}:Endpoint", provider.Endpoint,
        $"--Weft:Models:Chat:{name}:ApiKey", ProviderServer.Key,
    ];

    private static async Task<(int Status, string Answer)> RunAsync(RunningHost host, string text, string? model)
    {
        using var answer = await host.Client.PostAsJsonAsync(
            "/runs/wait",
            new { assistant_id = "agent", input = new { messages = text }, config = new { configurable = new { model } } },
            Stop);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(Stop));
    }

    private static async Task<List<string>> LoadedAsync(RunningHost host) =>
        [.. (await File.ReadAllLinesAsync($"/proc/{host.ProcessId}/maps", Stop)).Select(line => Path.GetFileName(line)).Distinct()];
}

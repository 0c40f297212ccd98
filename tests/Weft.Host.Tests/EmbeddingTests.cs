using System.Net.Http.Json;
using System.Text.Json;
using Weft.Models.Tests;

namespace Weft.Host.Tests;

/// <summary>The model of embeddings that the server is configured with.</summary>
public sealed class EmbeddingTests : HostTests
{
    [Fact]
    public async Task A_call_that_fails_is_repeated_and_items_are_ranked()
    {
        await using var provider = await ProviderServer.StartAsync(
            "openai", ProviderServer.Refuses("openai", 503, "Busy."), Embeds(1, 0), Embeds(0, 1), Embeds(0, 1));
        var environment = new Dictionary<string, string>
        {
            ["OPENAI_API_KEY"] = ProviderServer.Key,
            ["OPENAI_BASE_URL"] = provider.Endpoint,
            ["WEFT_EMBEDDING_MODEL"] = "tiny-embedding",
        };
        await using var host = await RunningHost.StartAsync(
            Folder,
            environment,
            "--urls", "http://127.0.0.1:0", "--embeddings", "openai", "--Weft:Store:Dimensions", "2", "--Weft:Store:PutWait", "00:01:00");

        await PutAsync(host, "wool");
        await PutAsync(host, "silk");
        using var found = await host.Client.PostAsJsonAsync(
            "/store/items/search", new { namespace_prefix = (string[])["yarns"], query = "shiny" }, Stop);

        var items = (await found.Content.ReadFromJsonAsync<JsonElement>(Stop)).GetProperty("items").EnumerateArray();
        items.Select(item => item.GetProperty("key").GetString()).ShouldBe(["silk", "wool"]);
        provider.Calls.Count.ShouldBe(4);
        provider.Calls.ShouldAllBe(call => call.Path == "/v1/embeddings");
        provider.Calls[^1].Body.GetProperty("model").GetString().ShouldBe("tiny-embedding");
    }

    [Theory]
    [InlineData("OPENAI_BASE_URL", "nowhere", "OPENAI_BASE_URL must be an address that begins with http:// or https:// (was 'nowhere').")]
    [InlineData("OPENAI_BASE_URL", "http://me:secret@there/v1", "OPENAI_BASE_URL must not contain a user or a password.")]
    [InlineData("OPENAI_API_KEY", "two words", "OPENAI_API_KEY must be visible ASCII characters without blanks.")]
    public async Task A_variable_that_is_wrong_is_one_line_at_the_start(string name, string value, string line)
    {
        // The language model is another one, so that only embeddings need the variables.
        var environment = new Dictionary<string, string> { ["OPENAI_API_KEY"] = "key", [name] = value };
        var (exitCode, _, error) = await HostProcess.RunAsync(
            Folder, environment, "--data", Folder, "--embeddings", "openai", "--Weft:Models:Chat:m:Provider", "ollama");

        exitCode.ShouldBe(1);
        error.TrimEnd().ShouldBe(line);
    }

    private static Func<ProviderCall, Task> Embeds(float x, float y)
    {
        var vector = Convert.ToBase64String([.. BitConverter.GetBytes(x), .. BitConverter.GetBytes(y)]);
        return call => call.WriteAsync(
            "application/json",
            $$$"""{"object":"list","model":"tiny-embedding","data":[{"object":"embedding","index":0,"embedding":"{{{vector}}}"}],"usage":{"prompt_tokens":1,"total_tokens":1}}""");
    }

    private static async Task PutAsync(RunningHost host, string yarn)
    {
        var item = new { @namespace = (string[])["yarns"], key = yarn, value = new { text = yarn } };
        using var put = await host.Client.PutAsJsonAsync("/store/items", item, Stop);
        put.IsSuccessStatusCode.ShouldBeTrue();
    }
}

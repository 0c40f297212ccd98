using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Weft.Agents.Tests;
using Weft.Host.Demo;
using Weft.Host.Models;

namespace Weft.Host.Tests;

/// <summary>The client of OpenAI against a server that speaks as OpenAI's does.</summary>
public sealed class OpenAiTests : IAsyncLifetime
{
    private readonly List<JsonElement> _requests = [];
    private readonly Queue<string[]> _answers = new();
    private readonly WebApplication _server = Build();

    public async ValueTask InitializeAsync()
    {
        _server.MapPost("/v1/chat/completions", AnswerAsync);
        await _server.StartAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.StopAsync(CancellationToken.None);
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Tokens_tool_calls_and_usage_reach_the_run()
    {
        _answers.Enqueue(
        [
            """{"role":"assistant","content":null,"tool_calls":[{"index":0,"id":"call_7","type":"function","function":{"name":"calculator","arguments":""}}]}""",
            """{"tool_calls":[{"index":0,"function":{"arguments":"{\"expression\":"}}]}""",
            """{"tool_calls":[{"index":0,"function":{"arguments":"\"6*7\"}"}}]}""",
        ]);
        _answers.Enqueue(["""{"role":"assistant","content":""}""", """{"content":"It is "}""", """{"content":"42."}"""]);
        var services = new ServiceCollection();
        var (client, description) = ModelFactory.Add(services, Configuration());
        await using var provider = services.BuildServiceProvider();
        var thread = new ThreadUnderTest(DemoGraphs.Agent(client(provider)));

        await thread.SayAsync("6*7?");

        description.ShouldStartWith("tiny at http://127.0.0.1:");
        thread.Messages.Select(message => (message.Text("type"), message.Content()))
            .ShouldBe([("human", "6*7?"), ("ai", ""), ("tool", "42"), ("ai", "It is 42.")]);
        thread.Messages[1]
            .GetProperty("tool_calls")[0]
            .GetRawText()
            .ShouldBeJson("""{"name":"calculator","args":{"expression":"6*7"},"id":"call_7","type":"tool_call"}""");
        thread.Messages[3].GetProperty("usage_metadata").GetProperty("total_tokens").GetInt32().ShouldBe(12);
        thread.Messages[3].GetProperty("response_metadata").Text("finish_reason").ShouldBe("stop");
        thread.Messages[3].Text("id").ShouldBe("chatcmpl-2");
        var chunks = thread.Chunks.Where(chunk => chunk.Text("id") == "chatcmpl-2").ToList();
        chunks.Select(chunk => chunk.Content()).ShouldBe(["It is ", "42.", ""]);
        chunks[^1].GetProperty("usage_metadata").GetProperty("output_tokens").GetInt32().ShouldBe(5);
        thread.Metadata.First().Text("ls_provider").ShouldBe("openai");
        thread.Metadata.First().Text("ls_model_name").ShouldBe("tiny");
    }

    [Fact]
    public async Task The_history_with_its_tool_results_reaches_the_model()
    {
        _answers.Enqueue(
            ["""{"role":"assistant","tool_calls":[{"index":0,"id":"call_7","type":"function","function":{"name":"list_notes","arguments":"{}"}}]}"""]);
        _answers.Enqueue(["""{"role":"assistant","content":"None."}"""]);
        var services = new ServiceCollection();
        var (client, _) = ModelFactory.Add(services, Configuration());
        await using var provider = services.BuildServiceProvider();
        var thread = new ThreadUnderTest(DemoGraphs.Agent(client(provider)));

        await thread.SayAsync("notes?");

        var request = _requests[1];
        request.Text("model").ShouldBe("tiny");
        request.GetProperty("tools").EnumerateArray().Select(tool => tool.GetProperty("function").Text("name"))
            .ShouldBe(["calculator", "clock", "add_note", "list_notes", "send_email"]);
        request.GetProperty("messages")
            .EnumerateArray()
            .Select(message => message.Text("role"))
            .ShouldBe(["system", "user", "assistant", "tool"]);
        request.GetProperty("messages")[3].Text("tool_call_id").ShouldBe("call_7");
        request.GetProperty("messages")[3].Content().ShouldBe("There are no notes yet.");
    }

    private static WebApplication Build()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        return builder.Build();
    }

    private IConfiguration Configuration() => new ConfigurationBuilder()
        .AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["OPENAI_API_KEY"] = "key",
            ["OPENAI_BASE_URL"] = $"{_server.Urls.Single()}/v1",
            ["WEFT_MODEL"] = "tiny",
        })
        .Build();

    private async Task AnswerAsync(HttpContext http)
    {
        var request = await JsonSerializer.DeserializeAsync<JsonElement>(http.Request.Body, cancellationToken: http.RequestAborted);
        _requests.Add(request);
        var deltas = _answers.Dequeue();
        var id = $"chatcmpl-{_requests.Count}";
        var finish = deltas.Any(delta => delta.Contains("tool_calls", StringComparison.Ordinal)) ? "tool_calls" : "stop";
        http.Response.ContentType = "text/event-stream";
        foreach (var choices in deltas.Select(delta => $$"""[{"index":0,"delta":{{delta}},"finish_reason":null}]""").Append($$"""[{"index":0,"delta":{},"finish_reason":"{{finish}}"}]"""))
        {
            await SendAsync(
                http,
                $$"""{"id":"{{id}}","object":"chat.completion.chunk","created":1,"model":"tiny","choices":{{choices}},"usage":null}""");
        }

        await SendAsync(
            http,
            $$$"""{"id":"{{{id}}}","object":"chat.completion.chunk","created":1,"model":"tiny","choices":[],"usage":{"prompt_tokens":7,"completion_tokens":5,"total_tokens":12}}""");
        await SendAsync(http, "[DONE]");
    }

    private static async Task SendAsync(HttpContext http, string data)
    {
        await http.Response.WriteAsync($"data: {data}\n\n", http.RequestAborted);
        await http.Response.Body.FlushAsync(http.RequestAborted);
    }
}

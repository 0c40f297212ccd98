using System.ClientModel;
using System.ClientModel.Primitives;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using OpenAI;
using Weft.Server.Tests;

namespace Weft.Agents.Tests.Serving;

/// <summary>A server that speaks as OpenAI's does, one script a request, and the client of OpenAI for it.</summary>
internal sealed class ModelServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Queue<Func<ModelRequest, Task>> _scripts;

    private ModelServer(WebApplication app, IEnumerable<Func<ModelRequest, Task>> scripts)
    {
        _app = app;
        _scripts = new(scripts);
    }

    /// <summary>The bodies of the requests.</summary>
    public List<JsonElement> Requests { get; } = [];

    public IChatClient CreateClient(TimeSpan? timeout = null)
    {
        var options = new OpenAIClientOptions
        {
            Endpoint = new Uri($"{_app.Urls.Single()}/v1"),
            NetworkTimeout = timeout ?? TimeSpan.FromSeconds(30),
            RetryPolicy = new ClientRetryPolicy(0),
        };
        return new OpenAIClient(new ApiKeyCredential("key"), options).GetChatClient("tiny").AsIChatClient();
    }

    public static async Task<ModelServer> StartAsync(params Func<ModelRequest, Task>[] scripts)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var server = new ModelServer(app, scripts);
        app.MapPost("/v1/chat/completions", server.AnswerAsync);
        await app.StartAsync(TestContext.Current.CancellationToken).Within("the model's server to start");
        return server;
    }

    /// <summary>Answers with a text.</summary>
    public static Func<ModelRequest, Task> Says(string text) => request => request.AnswerAsync(
        "stop", $$"""{"role":"assistant","content":{{JsonSerializer.Serialize(text)}}}""");

    /// <summary>Answers with a call of a tool.</summary>
    public static Func<ModelRequest, Task> Calls(string id, string name, string arguments) => request => request.AnswerAsync(
        "tool_calls",
        $$$"""
        {"role":"assistant","content":null,"tool_calls":[{"index":0,"id":"{{{id}}}","type":"function","function":{"name":"{{{name}}}","arguments":{{{JsonSerializer.Serialize(arguments)}}}}}]}
        """);

    /// <summary>Answers with an error.</summary>
    public static Func<ModelRequest, Task> Refuses(int status, string message) => request =>
    {
        request.Http.Response.StatusCode = status;
        request.Http.Response.ContentType = "application/json";
        return request.Http.Response.WriteAsync($$$"""{"error":{"message":"{{{message}}}","type":"error","code":null}}""");
    };

    /// <summary>Begins a stream and cuts the connection.</summary>
    public static Func<ModelRequest, Task> Cuts() => async request =>
    {
        await request.SendAsync("""{"index":0,"delta":{"role":"assistant","content":"Hel"},"finish_reason":null}""");
        request.Http.Abort();
    };

    /// <summary>Does not answer until the client gives up.</summary>
    public static Func<ModelRequest, Task> Hangs() => async request =>
    {
        var gone = new TaskCompletionSource();
        await using var registration = request.Http.RequestAborted.Register(() => gone.TrySetResult());
        await gone.Task;
    };

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(CancellationToken.None).Within("the model's server to stop");
        await _app.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext http)
    {
        var body = await JsonSerializer.DeserializeAsync<JsonElement>(http.Request.Body, cancellationToken: http.RequestAborted);
        Requests.Add(body);
        await _scripts.Dequeue()(new ModelRequest(http, body));
    }
}

/// <summary>A request to a <see cref="ModelServer"/>.</summary>
internal sealed record ModelRequest(HttpContext Http, JsonElement Body)
{
    /// <summary>Answers with a message: as a stream, if the request asks for one.</summary>
    public async Task AnswerAsync(string finish, string message)
    {
        if (!Body.TryGetProperty("stream", out var stream) || !stream.GetBoolean())
        {
            Http.Response.ContentType = "application/json";
            await Http.Response.WriteAsync(
                $$"""{"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"tiny","choices":[{"index":0,"message":{{message}},"finish_reason":"{{finish}}"}]}""");
            return;
        }

        await SendAsync($$"""{"index":0,"delta":{{message}},"finish_reason":null}""");
        await SendAsync($$$"""{"index":0,"delta":{},"finish_reason":"{{{finish}}}"}""");
        await Http.Response.WriteAsync("data: [DONE]\n\n");
    }

    /// <summary>Sends an event of a stream.</summary>
    public async Task SendAsync(string choice)
    {
        if (!Http.Response.HasStarted)
        {
            Http.Response.ContentType = "text/event-stream";
        }

        await Http.Response.WriteAsync(
            $$"""data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"tiny","choices":[{{choice}}],"usage":null}""" + "\n\n");
        await Http.Response.Body.FlushAsync();
    }
}

using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Weft.AgentFramework.Tests;

/// <summary>A server on a free loopback port, whose database outlives it.</summary>
internal sealed class AgentServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly HttpClient _http;

    private AgentServer(WebApplication app)
    {
        _app = app;
        _http = new HttpClient(new SocketsHttpHandler { ResponseDrainTimeout = TimeSpan.Zero })
        {
            BaseAddress = new Uri(app.Urls.Single()),
            Timeout = Timeout.InfiniteTimeSpan,
        };
        Root = new Api(_http, "");
    }

    public Api Root { get; }

    public Uri Address => _http.BaseAddress!;

    public static async Task<AgentServer> StartAsync(TempFolder folder, Action<WeftBuilder> add)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var weft = builder.Services.AddWeft();
        add(weft);
        weft.UseSqlite(Path.Combine(folder.Path, "weft.db"));
        var app = builder.Build();
        app.MapWeft();
        await app.StartAsync(TestContext.Current.CancellationToken).Within("the server to start");
        return new AgentServer(app);
    }

    /// <summary>Says something on a thread, and returns its values at the end of the run.</summary>
    public async Task<JsonElement> SayAsync(string thread, string assistant, string text, string more = "") =>
        (await Root.PostAsync($"/threads/{thread}/runs/wait", Say(assistant, text, more))).ShouldBeOk().Json;

    /// <summary>Answers the question of a thread, and returns its values at the end of the run.</summary>
    public async Task<JsonElement> AnswerAsync(string thread, string assistant, string answer) =>
        (await Root.PostAsync(
            $"/threads/{thread}/runs/wait", $$"""{"assistant_id":"{{assistant}}","command":{"resume":{{answer}} } }""")).ShouldBeOk().Json;

    /// <summary>Says something on a thread, and returns the stream of the run.</summary>
    public Task<SseStream> StreamAsync(string thread, string assistant, string text, string more = "") =>
        Root.StreamAsync($"/threads/{thread}/runs/stream", Say(assistant, text, more));

    public async Task<JsonElement> StateAsync(string thread) => (await Root.GetAsync($"/threads/{thread}/state")).ShouldBeOk().Json;

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(CancellationToken.None).Within("the server to stop");
        _http.Dispose();
        await _app.DisposeAsync();
    }

    private static string Say(string assistant, string text, string more) =>
        $$"""{"assistant_id":"{{assistant}}","input":{"messages":[{"role":"user","content":"{{text}}"}]}{{more}}}""";
}

/// <summary>Short ways to look into states.</summary>
internal static class StateLook
{
    public static IReadOnlyList<JsonElement> Messages(this JsonElement values) => [.. values.GetProperty("messages").EnumerateArray()];

    /// <summary>The messages as <c>type: text</c>.</summary>
    public static string[] Said(this JsonElement values) =>
        [.. values.Messages().Select(message => $"{message.Text("type")}: {message.Text("content")}")];

    /// <summary>The value of the only question.</summary>
    public static JsonElement Question(this JsonElement values)
    {
        values.IsPaused().ShouldBeTrue(values.GetRawText());
        return values.GetProperty("__interrupt__").EnumerateArray().Single().GetProperty("value");
    }

    public static bool IsPaused(this JsonElement values) => values.TryGetProperty("__interrupt__", out _);

    /// <summary>The text of the error of a run.</summary>
    public static string Error(this JsonElement values) => values.GetProperty("__error__").Text("message");
}

using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Weft.Testing;

namespace Weft.AgentFramework.Tests;

/// <summary>A server on a free loopback port, whose database outlives it.</summary>
internal sealed class AgentServer : IAsyncDisposable
{
    private readonly WeftTestServer _server;

    private AgentServer(WeftTestServer server)
    {
        _server = server;
        Root = new Api(server.Client, "");
    }

    public Api Root { get; }

    public Uri Address => _server.Address;

    public static async Task<AgentServer> StartAsync(TempFolder folder, Action<WeftBuilder> add) => new(
        await WeftTestServer.StartAsync(add, new WeftTestServerOptions { Folder = folder.Path }, TestContext.Current.CancellationToken));

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

    public ValueTask DisposeAsync() => _server.DisposeAsync();

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

using System.Text.Json;

namespace Weft.Server.Tests;

/// <summary>Calls of AG-UI (docs/protocol/agui.md).</summary>
internal static class AgUiCalls
{
    /// <summary>Returns the body of a request.</summary>
    /// <param name="thread">The id of the thread; the run's id is made of it.</param>
    /// <param name="messages">The messages, JSON objects separated by commas.</param>
    /// <param name="more">Further members, beginning with a comma.</param>
    public static string Body(string thread, string messages = "", string more = "") =>
        $$"""{"threadId":"{{thread}}","runId":"run of {{thread}}","protocolVersion":"1.0","messages":[{{messages}}]{{more}}}""";

    public static string User(string text, string id) => $$"""{"id":"{{id}}","role":"user","content":"{{text}}"}""";

    /// <summary>Runs an assistant as a new client does, and returns what the client has at the end.</summary>
    public static Task<AgUiClient> AgUiAsync(this Api api, string assistant, string body) =>
        api.AgUiAsync(assistant, body, new AgUiClient());

    /// <summary>Runs an assistant, and returns the client that has read the events.</summary>
    public static async Task<AgUiClient> AgUiAsync(this Api api, string assistant, string body, AgUiClient client)
    {
        using var stream = await api.StreamAsync($"/agui/{assistant}", body);
        client.Location = stream.Header("Content-Location");
        foreach (var frame in await stream.ToEndAsync())
        {
            frame.Raw.ShouldStartWith("data: ");
            client.Take(frame.Json);
        }

        client.IsDone.ShouldBeTrue("the stream ended before the run did");
        return client;
    }

    /// <summary>Returns the state of the thread behind a client.</summary>
    public static async Task<JsonElement> StateAsync(this Api api, AgUiClient client) =>
        (await api.GetAsync($"/threads/{client.WeftThreadId}/state")).ShouldBeOk().Json.GetProperty("values");
}

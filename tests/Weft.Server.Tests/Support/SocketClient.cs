using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace Weft.Server.Tests;

/// <summary>A client of the WebSocket of a thread.</summary>
public sealed class SocketClient : IDisposable
{
    private readonly ClientWebSocket _socket;
    private readonly Queue<JsonElement> _passed = new();

    private SocketClient(ClientWebSocket socket) => _socket = socket;

    public ClientWebSocket Socket => _socket;

    public static async Task<SocketClient> OpenAsync(Api api, string thread, params (string Name, string Value)[] headers)
    {
        var socket = new ClientWebSocket();
        foreach (var (name, value) in headers)
        {
            socket.Options.SetRequestHeader(name, value);
        }

        var address = new UriBuilder(api.BaseAddress) { Scheme = "ws", Path = $"{api.Prefix}/threads/{thread}/stream/events" };
        await socket.ConnectAsync(address.Uri, TestContext.Current.CancellationToken).Within("the socket to open");
        return new SocketClient(socket);
    }

    public Task SendAsync(string text, WebSocketMessageType type = WebSocketMessageType.Text) =>
        _socket
            .SendAsync(Encoding.UTF8.GetBytes(text), type, endOfMessage: true, TestContext.Current.CancellationToken)
            .Within("the server to read a message");

    /// <summary>Sends a command and returns its answer. Events that come before it are kept.</summary>
    public async Task<JsonElement> CommandAsync(int id, string method, string given = "{}")
    {
        await SendAsync($$"""{"id":{{id}},"method":"{{method}}","params":{{given}}}""");
        while (true)
        {
            var message = (await ReceiveAsync()).ShouldNotBeNull();
            if (message.Text("type") != "event")
            {
                return message;
            }

            _passed.Enqueue(message);
        }
    }

    /// <summary>The next event.</summary>
    public async Task<JsonElement> EventAsync()
    {
        if (_passed.TryDequeue(out var passed))
        {
            return passed;
        }

        var message = (await ReceiveAsync()).ShouldNotBeNull();
        message.Text("type").ShouldBe("event", message.GetRawText());
        return message;
    }

    /// <summary>Reads events up to the end of a run.</summary>
    public async Task<List<JsonElement>> RunAsync()
    {
        var events = new List<JsonElement>();
        do
        {
            events.Add(await EventAsync());
        }
        while (!IsEnd(events[^1]));

        return events;
    }

    /// <summary>The next message; null when the server has closed the socket.</summary>
    public async Task<JsonElement?> ReceiveAsync()
    {
        using var message = new MemoryStream();
        var buffer = new byte[16 * 1024];
        while (true)
        {
            var read = await _socket.ReceiveAsync(buffer, TestContext.Current.CancellationToken).Within("a message");
            if (read.MessageType == WebSocketMessageType.Close)
            {
                return null;
            }

            message.Write(buffer, 0, read.Count);
            if (read.EndOfMessage)
            {
                return JsonElement.Parse(message.ToArray());
            }
        }
    }

    /// <summary>Reads on until the server closes, and returns the code.</summary>
    public async Task<int> ClosedAsync()
    {
        while (await ReceiveAsync() is not null)
        {
        }

        return (int)_socket.CloseStatus!;
    }

    public void Dispose() => _socket.Dispose();

    private static bool IsEnd(JsonElement message) =>
        message.Text("method") == "lifecycle" && message.GetProperty("params").GetProperty("namespace").GetArrayLength() == 0
        && message.GetProperty("params").GetProperty("data").Text("event") is "completed" or "failed" or "interrupted";
}

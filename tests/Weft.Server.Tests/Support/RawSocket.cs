using System.Net.Sockets;
using System.Text;

namespace Weft.Server.Tests;

/// <summary>A WebSocket client without any manners: it answers no ping and closes as it likes.</summary>
internal sealed class RawSocket : IDisposable
{
    private readonly TcpClient _client;
    private readonly NetworkStream _stream;

    private RawSocket(TcpClient client)
    {
        _client = client;
        _stream = client.GetStream();
    }

    public static async Task<RawSocket> OpenAsync(Api api, string thread)
    {
        var client = new TcpClient();
        await client.ConnectAsync(api.BaseAddress.Host, api.BaseAddress.Port, TestContext.Current.CancellationToken);
        var socket = new RawSocket(client);
        await socket._stream.WriteAsync(
            Encoding.ASCII.GetBytes(
                $"GET {api.Prefix}/threads/{thread}/stream/events HTTP/1.1\r\nHost: {api.BaseAddress.Authority}\r\nUpgrade: websocket\r\n"
                + "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"),
            TestContext.Current.CancellationToken);
        var answer = "";
        while (!answer.EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            answer += (char)(await socket.ReadAsync()).ShouldNotBeNull();
        }

        answer.ShouldStartWith("HTTP/1.1 101");
        return socket;
    }

    /// <summary>The next byte; null at the end.</summary>
    public async Task<byte?> ReadAsync()
    {
        var one = new byte[1];
        try
        {
            var read = await _stream.ReadAsync(one, TestContext.Current.CancellationToken).AsTask().Within("a byte");
            return read == 0 ? null : one[0];
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>Reads until the server ends the connection.</summary>
    public async Task ToEndAsync()
    {
        while (await ReadAsync() is not null)
        {
        }
    }

    public ValueTask WriteAsync(params byte[] bytes) => _stream.WriteAsync(bytes, TestContext.Current.CancellationToken);

    /// <summary>Closes the half of the connection in which it sends.</summary>
    public void CloseHalf() => _client.Client.Shutdown(SocketShutdown.Send);

    public void Dispose() => _client.Dispose();
}

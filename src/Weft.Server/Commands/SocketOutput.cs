using System.Net.WebSockets;

namespace Weft.Server;

/// <summary>Sends messages through a socket, one at a time. A client that does not read delays the senders.</summary>
internal sealed class SocketOutput(WebSocket socket, CancellationToken gone) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);

    /// <summary>Whether messages can be sent.</summary>
    public bool IsOpen => socket.State is WebSocketState.Open or WebSocketState.CloseReceived;

    /// <summary>Sends a text; false if the socket is not open any more.</summary>
    public async ValueTask<bool> TrySendAsync(ReadOnlyMemory<byte> text)
    {
        try
        {
            await _turn.WaitAsync(gone);
        }
        catch (OperationCanceledException)
        {
            return false;
        }

        try
        {
            await socket.SendAsync(text, WebSocketMessageType.Text, WebSocketMessageFlags.EndOfMessage, gone);
            return true;
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or InvalidOperationException)
        {
            return false;
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();
}

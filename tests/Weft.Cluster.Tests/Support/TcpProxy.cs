using System.Net;
using System.Net.Sockets;

namespace Weft.Cluster.Tests;

/// <summary>Passes connections on, and cuts, holds or delays them when a test says so.</summary>
internal sealed class TcpProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly EndPoint _target;
    private readonly Lock _lock = new();
    private readonly HashSet<Socket> _open = [];
    private readonly Task _accepting;
    private TaskCompletionSource _passing = Passing();
    private bool _isCut;

    public TcpProxy(EndPoint target)
    {
        _target = target;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>How much later everything arrives.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>Ends all connections, and each new one, until <see cref="Restore"/>.</summary>
    public void Cut()
    {
        lock (_lock)
        {
            _isCut = true;
            foreach (var socket in _open)
            {
                socket.Dispose();
            }

            _open.Clear();
        }
    }

    /// <summary>Lets nothing pass, as a broken line does: nobody is told. It passes after <see cref="Restore"/>.</summary>
    public void Hold()
    {
        lock (_lock)
        {
            if (_passing.Task.IsCompleted)
            {
                _passing = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
    }

    /// <summary>Lets everything pass again.</summary>
    public void Restore()
    {
        lock (_lock)
        {
            _isCut = false;
            _passing.TrySetResult();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        Restore();
        Cut();
        await _accepting;
    }

    private static TaskCompletionSource Passing()
    {
        var passing = new TaskCompletionSource();
        passing.SetResult();
        return passing;
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptSocketAsync();
                _ = PassAsync(client);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The proxy has stopped.
        }
    }

    private async Task PassAsync(Socket client)
    {
        using var server = new Socket(_target.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            lock (_lock)
            {
                if (_isCut)
                {
                    return;
                }

                _open.Add(client);
                _open.Add(server);
            }

            client.NoDelay = true;
            await server.ConnectAsync(_target);
            await Task.WhenAll(CopyAsync(client, server), CopyAsync(server, client));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It was cut, or one side has disconnected.
        }
        finally
        {
            client.Dispose();
            lock (_lock)
            {
                _open.Remove(client);
                _open.Remove(server);
            }
        }
    }

    private async Task CopyAsync(Socket from, Socket to)
    {
        var buffer = new byte[65536];
        while (await from.ReceiveAsync(buffer) is > 0 and var count)
        {
            if (Delay > TimeSpan.Zero)
            {
                await Task.Delay(Delay);
            }

            await _passing.Task;
            for (var sent = 0; sent < count;)
            {
                sent += await to.SendAsync(buffer.AsMemory(sent, count - sent));
            }
        }

        // Of a stream that has ended in one direction the other one may go on.
        to.Shutdown(SocketShutdown.Send);
    }
}

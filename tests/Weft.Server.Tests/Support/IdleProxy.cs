using System.Net;
using System.Net.Sockets;

namespace Weft.Server.Tests;

/// <summary>Passes connections on to a server, and drops one when the server has sent nothing on it for a time.</summary>
public sealed class IdleProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Uri _target;
    private readonly TimeSpan _silence;
    private readonly Task _accepting;
    private readonly CancellationTokenSource _stop = new();

    public IdleProxy(Uri target, TimeSpan silence)
    {
        (_target, _silence) = (target, silence);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/");

    /// <summary>Opens a connection on which nothing is sent, and waits until it is dropped.</summary>
    public async Task DroppedAsync()
    {
        using var client = new TcpClient();
        await client.ConnectAsync(Address.Host, Address.Port, TestContext.Current.CancellationToken);
        (await client.GetStream().ReadAsync(new byte[1], TestContext.Current.CancellationToken).AsTask().Within("the connection to drop"))
            .ShouldBe(0);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var passed = new List<Task>();
        try
        {
            while (true)
            {
                passed.Add(PassAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
            }
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            await Task.WhenAll(passed);
        }
    }

    private async Task PassAsync(TcpClient client)
    {
        using var server = new TcpClient();
        using var silent = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        try
        {
            await server.ConnectAsync(_target.Host, _target.Port, _stop.Token);
            Task[] copies =
            [
                client.GetStream().CopyToAsync(server.GetStream(), silent.Token),
                AnswerAsync(server.GetStream(), client.GetStream(), silent),
            ];
            await Task.WhenAny(copies);
            await silent.CancelAsync();
            client.Dispose();
            await Task.WhenAll(copies);
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            // One side has gone.
        }
        finally
        {
            client.Dispose();
        }
    }

    private async Task AnswerAsync(NetworkStream from, NetworkStream to, CancellationTokenSource silent)
    {
        var buffer = new byte[16 * 1024];
        while (true)
        {
            silent.CancelAfter(_silence);
            var read = await from.ReadAsync(buffer, silent.Token);
            if (read == 0)
            {
                return;
            }

            await to.WriteAsync(buffer.AsMemory(0, read), silent.Token);
        }
    }
}

using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Weft.Storage.Postgres.Tests;

/// <summary>Passes connections to PostgreSQL, and loses an answer on request, with its connection.</summary>
internal sealed class LossyProxy : IAsyncDisposable
{
    // PostgreSQL's message that a transaction has ended.
    private static readonly byte[] Idle = [(byte)'Z', 0, 0, 0, 5, (byte)'I'];

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly EndPoint _server;
    private int _losses;

    /// <param name="connectionString">The database.</param>
    public LossyProxy(string connectionString)
    {
        var builder = new NpgsqlConnectionStringBuilder(connectionString);
        _server = builder.Host!.StartsWith('/')
            ? new UnixDomainSocketEndPoint($"{builder.Host}/.s.PGSQL.{builder.Port}")
            : new DnsEndPoint(builder.Host, builder.Port);
        _listener.Start();
        (builder.Host, builder.Port) = ("127.0.0.1", ((IPEndPoint)_listener.LocalEndpoint).Port);
        ConnectionString = builder.ConnectionString;
        _ = AcceptAsync();
    }

    /// <summary>Leads to the database through the proxy.</summary>
    public string ConnectionString { get; }

    /// <summary>Whether no answer is to be lost any more.</summary>
    public bool HasLost => Volatile.Read(ref _losses) == 0;

    /// <summary>Loses the next answer that says that a transaction has ended.</summary>
    public void LoseNext() => Volatile.Write(ref _losses, 1);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var stop = _stop.Token;
        while (!stop.IsCancellationRequested)
        {
            var client = await _listener.AcceptSocketAsync(stop);
            _ = PassAsync(client, stop);
        }
    }

    private async Task PassAsync(Socket client, CancellationToken stop)
    {
        using var server = new Socket(_server.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
        await server.ConnectAsync(_server, stop);
        using (client)
        {
            await Task.WhenAny(CopyAsync(client, server, isAnswer: false, stop), CopyAsync(server, client, isAnswer: true, stop));
        }
    }

    private async Task CopyAsync(Socket from, Socket to, bool isAnswer, CancellationToken stop)
    {
        var buffer = new byte[65536];
        while (await from.ReceiveAsync(buffer, stop) is > 0 and var count)
        {
            var bytes = buffer.AsMemory(0, count);
            if (isAnswer && bytes.Span.EndsWith(Idle) && Interlocked.Exchange(ref _losses, 0) == 1)
            {
                return;
            }

            while (bytes.Length > 0)
            {
                bytes = bytes[await to.SendAsync(bytes, stop)..];
            }
        }
    }
}

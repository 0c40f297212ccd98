using System.Net.Sockets;
using System.Text;

namespace Weft.Server.Tests.Platform;

public sealed class SlowBodyTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("identity")]
    [InlineData("gzip")]
    public async Task A_body_that_does_not_arrive_in_time_is_refused(string encoding)
    {
        await using var server = await TestServer.StartAsync(
            configure: options => options.RequestBodyTimeout = TimeSpan.FromMilliseconds(100));
        using var client = new TcpClient("127.0.0.1", server.Root.BaseAddress.Port);
        await using var connection = client.GetStream();
        await connection.WriteAsync(
            Encoding.ASCII.GetBytes(
                $"POST /threads HTTP/1.1\r\nHost: localhost\r\nContent-Encoding: {encoding}\r\nContent-Length: 100\r\n\r\n"),
            Stop);

        using var reader = new StreamReader(connection);
        (await reader.ReadLineAsync(Stop)).ShouldBe("HTTP/1.1 408 Request Timeout");
    }

    [Fact]
    public async Task A_body_in_pieces_that_arrive_in_time_is_read()
    {
        await using var server = await TestServer.StartAsync(configure: options => options.RequestBodyTimeout = TimeSpan.FromSeconds(2));
        using var client = new TcpClient("127.0.0.1", server.Root.BaseAddress.Port);
        await using var connection = client.GetStream();
        var body = Bodies.Echo();
        await connection.WriteAsync(
            Encoding.ASCII.GetBytes(
                "POST /runs/wait HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: "
                    + $"{body.Length}\r\n\r\n{body[..5]}"),
            Stop);
        await connection.WriteAsync(Encoding.ASCII.GetBytes(body[5..]), Stop);

        using var reader = new StreamReader(connection);
        (await reader.ReadToEndAsync(Stop)).ShouldContain("echo: hi");
    }
}

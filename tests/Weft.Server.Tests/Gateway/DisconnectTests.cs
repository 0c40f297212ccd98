using Microsoft.AspNetCore.Builder;

namespace Weft.Server.Tests.Gateway;

/// <summary>A connection may break in other ways than that the client closes it: a write fails.</summary>
public sealed class DisconnectTests
{
    [Theory]
    [InlineData("stream")]
    [InlineData("wait")]
    public async Task A_run_is_cancelled_when_what_is_written_to_its_client_is_lost(string verb)
    {
        var connection = new BrokenConnection();
        await using var server = await TestServer.StartAsync(
            configure: options => options.HeartbeatInterval = TimeSpan.FromMilliseconds(10), use: connection.Use);
        var gate = server.Gates.New();
        var thread = await server.Gateway.NewThreadAsync();
        var (call, leave) = server.Gateway.Begin(HttpMethod.Post, $"/threads/{thread}/runs/{verb}", Bodies.Gated(gate));
        using (leave)
        {
            await gate.EnteredAsync();

            connection.Break();

            await gate.CancelledAsync();
            await Should.ThrowAsync<HttpRequestException>(call.Within("the call to break off"));
        }

        var run = (await server.Root.GetAsync($"/threads/{thread}/runs")).Json[0].Text("run_id");
        await server.Root.GetAsync($"/threads/{thread}/runs/{run}/join");
        (await server.Root.GetAsync($"/threads/{thread}/runs/{run}")).String("status").ShouldBe("interrupted");
    }

    /// <summary>
    /// Middleware that writes answers to runs itself, as one that compresses does, and cannot when the connection is
    /// broken.
    /// </summary>
    private sealed class BrokenConnection
    {
        private volatile bool _isBroken;

        public void Break() => _isBroken = true;

        public void Use(WebApplication app) => app.Use(async (http, next) =>
        {
            if (http.Request.Method == HttpMethod.Post.Method && http.Request.Path.Value!.Contains("/runs/", StringComparison.Ordinal))
            {
                http.Response.Body = new Body(this, http.Response.Body);
            }

            await next(http);
        });

        private sealed class Body(BrokenConnection connection, Stream inner) : MemoryStream
        {
            public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
                connection._isBroken ? throw new IOException("The connection was reset.") : inner.WriteAsync(buffer, cancellationToken);

            public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);
        }
    }
}

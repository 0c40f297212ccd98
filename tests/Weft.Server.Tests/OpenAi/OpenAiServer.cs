namespace Weft.Server.Tests.OpenAi;

/// <summary>A server with the graphs that chats need.</summary>
public sealed class OpenAiServer : IAsyncLifetime
{
    private TestServer? _server;

    public TestServer Server => _server ?? throw new InvalidOperationException("The server has not been started.");

    public async ValueTask InitializeAsync() => _server = await StartAsync();

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }

    public static Task<TestServer> StartAsync(string? folder = null, Gates? gates = null) => TestServer.StartAsync(
        folder,
        gates,
        options => options.HeartbeatInterval = TimeSpan.FromMilliseconds(50),
        add: weft => weft
            .AddGraph("tooling", OpenAiGraphs.Tooling())
            .AddGraph("thinking", OpenAiGraphs.Thinking())
            .AddGraph("agent", OpenAiGraphs.Agent())
            .AddGraph("choosing", OpenAiGraphs.Choosing())
            .AddGraph("duet", OpenAiGraphs.Duet())
            .AddGraph("broken", OpenAiGraphs.Broken()));
}

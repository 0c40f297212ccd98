using Microsoft.Extensions.DependencyInjection;
using Weft.Server.Tests;
using Weft.Testing;

namespace Weft.Agents.Tests.Serving;

/// <summary>A server that serves agents, and calls whose answers may be refusals.</summary>
internal sealed class AgentServer : IAsyncDisposable
{
    private readonly WeftTestServer _server;

    private AgentServer(WeftTestServer server)
    {
        _server = server;
        Api = new Api(server.Client, "");
    }

    public Api Api { get; }

    /// <summary>Starts a server.</summary>
    /// <param name="add">Adds the agents.</param>
    /// <param name="register">Registers services.</param>
    /// <param name="folder">Where the database is; without one, it is removed with the server.</param>
    public static async Task<AgentServer> StartAsync(
        Action<WeftBuilder> add, Action<IServiceCollection>? register = null, string? folder = null) =>
        new(await WeftTestServer.StartAsync(
            add,
            new WeftTestServerOptions { Folder = folder, ConfigureServices = register },
            TestContext.Current.CancellationToken));

    /// <summary>Says something on a thread and returns the values after the run.</summary>
    public Task<Answer> SayAsync(string thread, string agent, string text) =>
        Api.PostAsync(
            $"/threads/{thread}/runs/wait", $$$"""{"assistant_id":"{{{agent}}}","input":{"messages":[{"role":"user","content":"{{{text}}}"}]}}""");

    /// <summary>Answers a question on a thread and returns the values after the run.</summary>
    public Task<Answer> ResumeAsync(string thread, string agent, string answer) =>
        Api.PostAsync($"/threads/{thread}/runs/wait", $$$"""{"assistant_id":"{{{agent}}}","command":{"resume":{{{answer}}}}}""");

    public ValueTask DisposeAsync() => _server.DisposeAsync();
}

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Weft.Server.Tests;

namespace Weft.Agents.Tests.Serving;

/// <summary>A server on a free loopback port that serves agents, with a database of its own.</summary>
internal sealed class AgentServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly HttpClient _http;
    private readonly string? _ownFolder;

    private AgentServer(WebApplication app, string? ownFolder)
    {
        _app = app;
        _ownFolder = ownFolder;
        _http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()), Timeout = Timeout.InfiniteTimeSpan };
        Api = new Api(_http, "");
    }

    public Api Api { get; }

    /// <summary>Starts a server.</summary>
    /// <param name="add">Adds the agents.</param>
    /// <param name="register">Registers services.</param>
    /// <param name="folder">Where the database is; without one, it is removed with the server.</param>
    public static async Task<AgentServer> StartAsync(
        Action<WeftBuilder> add, Action<IServiceCollection>? register = null, string? folder = null)
    {
        var ownFolder = folder is null ? Directory.CreateTempSubdirectory("weft-agents-").FullName : null;
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        register?.Invoke(builder.Services);
        var weft = builder.Services.AddWeft();
        add(weft);
        weft.UseSqlite(Path.Combine(folder ?? ownFolder!, "weft.db"));
        var app = builder.Build();
        app.MapWeft();
        await app.StartAsync(TestContext.Current.CancellationToken).Within("the server to start");
        return new AgentServer(app, ownFolder);
    }

    /// <summary>Says something on a thread and returns the values after the run.</summary>
    public Task<Answer> SayAsync(string thread, string agent, string text) =>
        Api.PostAsync(
            $"/threads/{thread}/runs/wait", $$$"""{"assistant_id":"{{{agent}}}","input":{"messages":[{"role":"user","content":"{{{text}}}"}]}}""");

    /// <summary>Answers a question on a thread and returns the values after the run.</summary>
    public Task<Answer> ResumeAsync(string thread, string agent, string answer) =>
        Api.PostAsync($"/threads/{thread}/runs/wait", $$$"""{"assistant_id":"{{{agent}}}","command":{"resume":{{{answer}}}}}""");

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(CancellationToken.None).Within("the server to stop");
        _http.Dispose();
        await _app.DisposeAsync();
        if (_ownFolder is not null)
        {
            Directory.Delete(_ownFolder, recursive: true);
        }
    }
}

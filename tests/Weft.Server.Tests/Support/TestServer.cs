using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Weft.Runs;

namespace Weft.Server.Tests;

/// <summary>A server on a free loopback port, with a database in a folder of its own.</summary>
public sealed class TestServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly HttpClient _http;
    private readonly string? _ownFolder;
    private bool _isStopped;

    private TestServer(WebApplication app, Gates gates, string? ownFolder)
    {
        _app = app;
        _ownFolder = ownFolder;
        Gates = gates;
        // A client that goes away does so at once, without reading what is left.
        _http = new HttpClient(new SocketsHttpHandler { ResponseDrainTimeout = TimeSpan.Zero })
        {
            BaseAddress = new Uri(app.Urls.Single()),
            Timeout = Timeout.InfiniteTimeSpan,
        };
        Root = new Api(_http, "");
        Gateway = new Api(_http, "/api");
    }

    public Gates Gates { get; }

    /// <summary>The API at the root, with the platform's defaults.</summary>
    public Api Root { get; }

    /// <summary>The API below <c>/api</c>, with the gateway's rules (docs/protocol/gateway.md).</summary>
    public Api Gateway { get; }

    public IServiceProvider Services => _app.Services;

    public static async Task<TestServer> StartAsync(
        string? folder = null,
        Gates? gates = null,
        Action<WeftServerOptions>? configure = null,
        Action<RunsOptions>? configureRuns = null,
        TimeProvider? time = null,
        Action<WebApplication>? use = null,
        Action<WeftBuilder>? add = null,
        Action<IServiceCollection>? change = null)
    {
        var ownFolder = folder is null ? Directory.CreateTempSubdirectory("weft-").FullName : null;
        gates ??= new Gates();
        var (one, other) = (TestGraphs.AskingTwice(), TestGraphs.AskingTwice());
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        if (time is not null)
        {
            builder.Services.AddSingleton(time);
        }

        var weft = builder.Services.AddWeft(options =>
        {
            options.Webhooks.Paths.Add("/hook");
            options.Webhooks.Paths.Add("/hook/*");
            configure?.Invoke(options);
        });
        add?.Invoke(weft);
        weft
            .AddGraph("echo", TestGraphs.Echo(), graph => graph.Description = "Says it again.")
            .AddGraph("gated", TestGraphs.Gated(gates))
            .AddGraph("asking", TestGraphs.Asking())
            .AddGraph("asking-gated", TestGraphs.AskingGated(gates))
            .AddGraph("outer", TestGraphs.Outer())
            .AddGraph("named", (_, configurable) => TestGraphs.Named(configurable))
            .AddGraph("either", (_, configurable) => configurable.TryGetProperty("other", out var _) ? other : one)
            .AddGraph("workflow", TestGraphs.Stepping())
            .AddGraph("nested", TestGraphs.Nested())
            .AddGraph("failing", TestGraphs.Failing())
            .AddGraph("steered", TestGraphs.Steered())
            .AddGraph("unwritable", TestGraphs.Unwritable())
            .AddGraph("unwritable-beside", TestGraphs.UnwritableBeside())
            .AddGraph("endless", TestGraphs.Endless())
            .AddGraph("counting", TestGraphs.Counting())
            .AddGraph("showing", StreamingGraphs.Showing())
            .AddGraph("drawing", StreamingGraphs.Drawing())
            .AddGraph("both", StreamingGraphs.AskingBoth())
            .AddGraph("scripted", AgUiGraphs.Scripted())
            .AddGraph("offered", AgUiGraphs.Offered())
            .AddGraph("fan", AgUiGraphs.Fan())
            .AddGraph("greeter", AgUiGraphs.Greeter())
            .AddGraph("listed", AgUiGraphs.Listed())
            .AddGraph("approving", AgUiGraphs.Approving())
            .AddGraph("answering", AgUiGraphs.Answering(gates))
            .AddGraph(
                "configured",
                TestGraphs.Configured(),
                graph => graph.Config = System.Text.Json.JsonElement.Parse("""{"configurable":{"model":"small"}}"""))
            .ConfigureRuns(configureRuns ?? (_ => { }))
            .UseSqlite(Path.Combine(folder ?? ownFolder!, "weft.db"));
        change?.Invoke(builder.Services);
        var app = builder.Build();
        use?.Invoke(app);
        app.MapWeft();
        await app.StartAsync(TestContext.Current.CancellationToken).Within("the server to start");
        return new TestServer(app, gates, ownFolder);
    }

    /// <summary>Stops the server and leaves its database.</summary>
    public async Task StopAsync()
    {
        if (!_isStopped)
        {
            _isStopped = true;
            await _app.StopAsync(CancellationToken.None).Within("the server to stop");
            _http.Dispose();
            await _app.DisposeAsync().AsTask().Within("the server to be disposed of");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        if (_ownFolder is not null)
        {
            Directory.Delete(_ownFolder, recursive: true);
        }
    }
}

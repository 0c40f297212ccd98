using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Weft.Server.Tests;

/// <summary>An application of somebody's own, on a free loopback port, which hosts the API among its routes.</summary>
public sealed class GuestApp : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly HttpClient _http;
    private readonly string _folder;

    private GuestApp(WebApplication app, string folder)
    {
        _app = app;
        _folder = folder;
        _http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        Root = new Api(_http, "");
    }

    /// <summary>Calls the application.</summary>
    public Api Root { get; }

    /// <summary>Calls the API below a prefix.</summary>
    public Api At(string prefix) => new(_http, prefix);

    /// <param name="use">Adds middleware and routes, the API among them.</param>
    /// <param name="add">Adds services.</param>
    /// <param name="configure">Configures the API.</param>
    public static async Task<GuestApp> StartAsync(
        Action<WebApplication> use, Action<IServiceCollection>? add = null, Action<WeftServerOptions>? configure = null)
    {
        var folder = Directory.CreateTempSubdirectory("weft-").FullName;
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        add?.Invoke(builder.Services);
        builder.Services.AddWeft(configure)
            .AddGraph("echo", TestGraphs.Echo())
            .AddGraph("configured", TestGraphs.Configured())
            .UseSqlite(Path.Combine(folder, "weft.db"));
        var app = builder.Build();
        use(app);
        await app.StartAsync(TestContext.Current.CancellationToken).Within("the application to start");
        return new GuestApp(app, folder);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(CancellationToken.None).Within("the application to stop");
        _http.Dispose();
        await _app.DisposeAsync().AsTask().Within("the application to be disposed of");
        Directory.Delete(_folder, recursive: true);
    }
}

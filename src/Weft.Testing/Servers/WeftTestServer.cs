using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Testing;

/// <summary>
/// A server with your graphs in the process of the test: Kestrel on a free port of this machine, and a SQLite file of its own. It can be
/// stopped or killed, and started again on the same data.
/// </summary>
public sealed class WeftTestServer : IAsyncDisposable
{
    private readonly Action<WeftBuilder> _configure;
    private readonly WeftTestServerOptions _options;
    private readonly string _folder;
    private WebApplication? _app;
    private HttpClient? _client;

    private WeftTestServer(Action<WeftBuilder> configure, WeftTestServerOptions options, string folder)
    {
        _configure = configure;
        _options = options;
        _folder = folder;
    }

    /// <summary>The file of the database.</summary>
    public string DatabasePath => Path.Combine(_folder, "weft.db");

    /// <summary>Where the server listens. Another start has another port.</summary>
    public Uri Address => Client.BaseAddress!;

    /// <summary>Calls the server. Another start has another client.</summary>
    public HttpClient Client => _client ?? throw NotRunning();

    /// <summary>The services of the application. Another start has others.</summary>
    public IServiceProvider Services => _app?.Services ?? throw NotRunning();

    internal TimeSpan Timeout => _options.Timeout;

    /// <summary>Starts a server.</summary>
    /// <param name="configure">Adds graphs: <c>weft => weft.AddGraph("agent", graph)</c>. It is called at each start.</param>
    /// <param name="options">How the server runs.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task<WeftTestServer> StartAsync(
        Action<WeftBuilder> configure, WeftTestServerOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(configure);
        options ??= new WeftTestServerOptions();
        var folder = options.Folder ?? Directory.CreateTempSubdirectory("weft-").FullName;
        var server = new WeftTestServer(configure, options, folder);
        try
        {
            await server.StartAgainAsync(cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Returns a thread with a new id. The server creates it with its first run.</summary>
    /// <param name="assistant">The id of the graph or of an assistant.</param>
    public TestThread NewThread(string assistant) => Thread(assistant, NewId.TimeOrdered(TimeProvider.System).ToString());

    /// <summary>Returns a thread.</summary>
    /// <param name="assistant">The id of the graph or of an assistant.</param>
    /// <param name="id">The id of the thread.</param>
    public TestThread Thread(string assistant, string id)
    {
        ArgumentException.ThrowIfNullOrEmpty(assistant);
        ArgumentException.ThrowIfNullOrEmpty(id);
        return new TestThread(this, assistant, id);
    }

    /// <summary>Stops the server as an operator does: runs have <c>RunsOptions.DrainTimeout</c> to finish. The data stays.</summary>
    public async Task StopAsync(CancellationToken cancellationToken = default)
    {
        if (_app is { } app)
        {
            _app = null;
            _client?.Dispose();
            _client = null;
            await Waiting.For(_ => app.StopAsync(CancellationToken.None), Timeout, "the server to stop", cancellationToken);
            await app.DisposeAsync();
        }
    }

    /// <summary>
    /// Stops the server as a crash does. The data is as it was committed when this method was called: nothing is drained, runs that were
    /// executing are unfinished, and what their nodes write afterwards is lost. The nodes are cancelled a moment later.
    /// </summary>
    public async Task KillAsync(CancellationToken cancellationToken = default)
    {
        var limits = Services.GetRequiredService<RunsOptions>();
        var left = Path.Combine(_folder, "killed.db");
        Copy(DatabasePath, left);
        limits.DrainTimeout = TimeSpan.Zero;
        await StopAsync(cancellationToken);
        foreach (var suffix in (string[])["", "-wal", "-shm"])
        {
            File.Delete(DatabasePath + suffix);
        }

        File.Move(left, DatabasePath);
    }

    /// <summary>Starts the server on the data that it left, after it was stopped or killed. A running server is stopped first.</summary>
    public async Task RestartAsync(CancellationToken cancellationToken = default)
    {
        await StopAsync(cancellationToken);
        await StartAgainAsync(cancellationToken);
    }

    /// <summary>Stops the server, and removes its data unless the folder is the test's.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        if (_options.Folder is null)
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    private static InvalidOperationException NotRunning() =>
        new("The server is not running. RestartAsync starts it on the data that it left.");

    /// <summary>Copies the committed state of a database that is in use.</summary>
    private static void Copy(string from, string to)
    {
        using var source = new SqliteConnection($"Data Source={from};Mode=ReadOnly;Pooling=False");
        using var target = new SqliteConnection($"Data Source={to};Pooling=False");
        source.Open();
        target.Open();
        source.BackupDatabase(target);
    }

    private async Task StartAgainAsync(CancellationToken cancellationToken)
    {
        // The settings of the machine and of the test program are not those of the server.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = _folder });
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRouting();
        builder.Services.AddLogging();
        if (_options.Time is { } time)
        {
            builder.Services.AddSingleton(time);
        }

        _options.ConfigureServices?.Invoke(builder.Services);
        var weft = builder.Services.AddWeft(_options.ConfigureServer);
        _configure(weft);
        weft.UseSqlite(DatabasePath);
        var app = builder.Build();
        _options.ConfigureApp?.Invoke(app);
        app.MapWeft();
        try
        {
            await Waiting.For(app.StartAsync, Timeout, "the server to start", cancellationToken);
        }
        catch
        {
            // It holds the file of the database.
            await app.DisposeAsync();
            throw;
        }

        _app = app;
        // A client that leaves a stream does so at once.
        _client = new HttpClient(new SocketsHttpHandler { ResponseDrainTimeout = TimeSpan.Zero })
        {
            BaseAddress = new Uri(app.Urls.Single()),
            Timeout = System.Threading.Timeout.InfiniteTimeSpan,
        };
    }
}

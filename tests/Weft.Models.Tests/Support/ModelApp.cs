using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Weft.Server.Tests;

namespace Weft.Models.Tests;

/// <summary>A server with configured models and the agents <c>agent</c> and <c>artist</c>, and all that it logs.</summary>
internal sealed class ModelApp : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly HttpClient _http;
    private readonly string _folder;

    private ModelApp(WebApplication app, string folder, ConcurrentQueue<string> log)
    {
        _app = app;
        _folder = folder;
        Log = log;
        _http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()), Timeout = Timeout.InfiniteTimeSpan };
        Api = new Api(_http, "");
    }

    public Api Api { get; }

    public ConcurrentQueue<string> Log { get; }

    public IServiceProvider Services => _app.Services;

    /// <summary>Starts a server with one model of a provider. Without the action, calls are not repeated.</summary>
    public static Task<ModelApp> StartAsync(ProviderServer provider, Action<ModelResilienceOptions>? configure = null)
    {
        var options = new ModelsOptions { Chat = { ["small"] = provider.Options() } };
        options.Resilience.RetriesMax = 0;
        options.Resilience.RetryDelay = TimeSpan.FromMilliseconds(1);
        configure?.Invoke(options.Resilience);
        return StartAsync(services => services.AddWeftModels(options));
    }

    public static async Task<ModelApp> StartAsync(Action<IServiceCollection> addModels)
    {
        var folder = Directory.CreateTempSubdirectory("weft-models-").FullName;
        var log = new ConcurrentQueue<string>();
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders().SetMinimumLevel(LogLevel.Trace).AddProvider(new Recorder(log));
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        addModels(builder.Services);
        var add = AIFunctionFactory.Create((int a, int b) => a + b, "add", "Adds.");
        var show = AIFunctionFactory.Create(
            IEnumerable<AIContent> () => [new TextContent("The picture:"), new DataContent("data:image/png;base64,iVBORw0KGgo=")], "show", "Shows.");
        builder.Services.AddWeft()
            .AddAgent("agent", [add], "Reckon.")
            .AddAgent("artist", [show], "Look.")
            .UseSqlite(Path.Combine(folder, "weft.db"));
        var app = builder.Build();
        app.MapWeft();
        await app.StartAsync(TestContext.Current.CancellationToken).Within("the server to start");
        return new ModelApp(app, folder, log);
    }

    /// <summary>Says something on a thread, and returns the frames of the stream.</summary>
    public async Task<IReadOnlyList<SseFrame>> StreamAsync(string thread, string text, string agent = "agent")
    {
        using var stream = await Api.StreamAsync(
            $"/threads/{thread}/runs/stream",
            $$$"""{"assistant_id":"{{{agent}}}","input":{"messages":"{{{text}}}"},"stream_mode":["values","messages-tuple"]}""");
        return await stream.ToEndAsync();
    }

    /// <summary>Says something on a thread without streaming, and returns the values after the run.</summary>
    public Task<Answer> SayAsync(string thread, string text, string agent = "agent") => Api.PostAsync(
        $"/threads/{thread}/runs/wait", $$$"""{"assistant_id":"{{{agent}}}","input":{"messages":"{{{text}}}"}}""");

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(CancellationToken.None).Within("the server to stop");
        _http.Dispose();
        await _app.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private sealed class Recorder(ConcurrentQueue<string> log) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            log.Enqueue($"{formatter(state, exception)} {exception}");

        public void Dispose()
        {
        }
    }
}

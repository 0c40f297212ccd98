using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.Extensions.Logging;
using Weft.Server.Tests;

namespace Weft.Models.Tests;

/// <summary>A server that speaks as a provider does, one script a call.</summary>
internal sealed class ProviderServer : IAsyncDisposable
{
    public const string Key = "sk-very-secret-key-123";

    private readonly WebApplication _app;
    private readonly Queue<Func<ProviderCall, Task>> _scripts;

    private ProviderServer(WebApplication app, Dialect dialect, IEnumerable<Func<ProviderCall, Task>> scripts)
    {
        _app = app;
        Dialect = dialect;
        _scripts = new(scripts);
    }

    public Dialect Dialect { get; }

    public List<ProviderCall> Calls { get; } = [];

    public string Endpoint => _app.Urls.Single() + Dialect.EndpointPath;

    public static async Task<ProviderServer> StartAsync(string dialect, params Func<ProviderCall, Task>[] scripts)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var server = new ProviderServer(app, Dialect.All[dialect], scripts);
        app.Run(server.AnswerAsync);
        await app.StartAsync(TestContext.Current.CancellationToken).Within("the provider to start");
        return server;
    }

    /// <summary>Answers.</summary>
    public static Func<ProviderCall, Task> Answers(string dialect, Reply reply) => call => Dialect.All[dialect].AnswerAsync(call, reply);

    /// <summary>Refuses with a message that repeats the key, as some providers do.</summary>
    public static Func<ProviderCall, Task> Refuses(string dialect, int status, string message, string? retryAfter = null) => call =>
    {
        call.Http.Response.StatusCode = status;
        call.Http.Response.Headers.RetryAfter = retryAfter;
        return call.WriteAsync("application/json", Dialect.All[dialect].Error($"{message} ({Key})"));
    };

    /// <summary>The settings of a model of this server.</summary>
    public ModelOptions Options() => new()
    {
        Provider = Dialect.All.Single(dialect => dialect.Value == Dialect).Key.Split('/')[0],
        Model = Dialect.Model,
        Endpoint = Endpoint,
        ApiKey = Key,
        ApiVersion = Dialect.ApiVersion,
    };

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(CancellationToken.None).Within("the provider to stop");
        await _app.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext http)
    {
        var body = await JsonSerializer.DeserializeAsync<JsonElement>(http.Request.Body, cancellationToken: http.RequestAborted);
        var headers = http.Request.Headers.ToDictionary(
            header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        var call = new ProviderCall(http, body, new Uri(http.Request.GetEncodedUrl()).PathAndQuery, headers);
        Calls.Add(call);
        await _scripts.Dequeue()(call);
    }
}

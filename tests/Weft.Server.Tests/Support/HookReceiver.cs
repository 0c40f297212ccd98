using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Weft.Server.Tests;

/// <summary>A call that a <see cref="HookReceiver"/> got.</summary>
public sealed record HookCall(string Path, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    public JsonElement Json => JsonElement.Parse(Encoding.UTF8.GetString(Body));
}

/// <summary>A server of somebody else, which receives webhooks.</summary>
public sealed class HookReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Channel<HookCall> _calls = Channel.CreateUnbounded<HookCall>();
    private readonly ConcurrentQueue<HookCall> _all = new();

    private HookReceiver(WebApplication app) => _app = app;

    public Uri Address => new(_app.Urls.Single());

    /// <summary>All calls so far.</summary>
    public IReadOnlyList<HookCall> All => [.. _all];

    /// <param name="answer">Answers a call; null answers with 204.</param>
    /// <param name="port">The port; 0 for any.</param>
    public static async Task<HookReceiver> StartAsync(Func<HttpContext, Task>? answer = null, int port = 0)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        var app = builder.Build();
        var receiver = new HookReceiver(app);
        app.Run(async http =>
        {
            using var body = new MemoryStream();
            await http.Request.Body.CopyToAsync(body, http.RequestAborted);
            var headers = http.Request.Headers.ToDictionary(
                header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);
            var call = new HookCall(http.Request.Path, headers, body.ToArray());
            receiver._all.Enqueue(call);
            receiver._calls.Writer.TryWrite(call);
            http.Response.StatusCode = StatusCodes.Status204NoContent;
            if (answer is not null)
            {
                await answer(http);
            }
        });
        await app.StartAsync(TestContext.Current.CancellationToken).Within("the receiver to start");
        return receiver;
    }

    public Task<HookCall> NextAsync() =>
        _calls.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().Within("the webhook to be called");

    public async ValueTask DisposeAsync()
    {
        // Calls that it holds are aborted.
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        await _app.StopAsync(now.Token).Within("the receiver to stop");
        await _app.DisposeAsync().AsTask().Within("the receiver to be disposed of");
    }
}

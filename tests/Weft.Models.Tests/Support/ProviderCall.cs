using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Weft.Models.Tests;

/// <summary>A call of a provider.</summary>
internal sealed record ProviderCall(HttpContext Http, JsonElement Body, string Path, IReadOnlyDictionary<string, string> Headers)
{
    public async Task WriteAsync(string contentType, string text)
    {
        if (!Http.Response.HasStarted)
        {
            Http.Response.ContentType = contentType;
        }

        await Http.Response.WriteAsync(text, Http.RequestAborted);
        await Http.Response.Body.FlushAsync(Http.RequestAborted);
    }

    public Task SendEventAsync(string data, string? name = null) =>
        WriteAsync("text/event-stream", $"{(name is null ? "" : $"event: {name}\n")}data: {data}\n\n");

    public Task SendLineAsync(string json) => WriteAsync("application/x-ndjson", json + "\n");

    public bool Streams => Body.TryGetProperty("stream", out var stream) && stream.GetBoolean();

    /// <summary>Waits until the client has gone.</summary>
    public async Task HangAsync()
    {
        var gone = new TaskCompletionSource();
        await using var registration = Http.RequestAborted.Register(() => gone.TrySetResult());
        await gone.Task;
    }
}

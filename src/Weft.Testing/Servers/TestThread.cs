using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json;
using Weft.Graphs;

namespace Weft.Testing;

/// <summary>
/// A thread of a <see cref="WeftTestServer"/> and its runs, over HTTP as any client makes them. Inputs and answers are JSON. It also
/// works after a restart of the server.
/// </summary>
public sealed class TestThread
{
    private static readonly string[] UsualModes = ["values", "updates", "messages-tuple", "custom"];

    private readonly WeftTestServer _server;
    private readonly string _assistant;

    internal TestThread(WeftTestServer server, string assistant, string id)
    {
        _server = server;
        _assistant = assistant;
        Id = id;
    }

    /// <summary>The id of the thread.</summary>
    public string Id { get; }

    private string Path => $"/threads/{Id}";

    /// <summary>Runs the assistant to its end or to a pause. Returns the state.</summary>
    /// <exception cref="ExpectationException">The server refused the run, or the run failed.</exception>
    public Task<JsonElement> RunAsync(
        [StringSyntax(StringSyntaxAttribute.Json)] string input = "{}", CancellationToken cancellationToken = default) =>
        WaitAsync("input", input, cancellationToken);

    /// <summary>Answers the question that the thread waits on, and runs on to the end or to a pause. Returns the state.</summary>
    /// <exception cref="ExpectationException">The server refused the run, or the run failed.</exception>
    public Task<JsonElement> ResumeAsync(
        [StringSyntax(StringSyntaxAttribute.Json)] string answer, CancellationToken cancellationToken = default) =>
        WaitAsync("command", Resume(answer), cancellationToken);

    /// <summary>Runs the assistant to its end or to a pause, and records what it streams.</summary>
    /// <param name="input">The input.</param>
    /// <param name="modes">The stream modes; null means <c>values</c>, <c>updates</c>, <c>messages-tuple</c> and <c>custom</c>.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="ExpectationException">The server refused the run. A run that fails has an event <c>error</c>.</exception>
    public Task<RecordedStream> StreamAsync(
        [StringSyntax(StringSyntaxAttribute.Json)] string input = "{}",
        IReadOnlyList<string>? modes = null,
        CancellationToken cancellationToken = default) =>
        RecordAsync(HttpMethod.Post, $"{Path}/runs/stream", Body("input", input, modes ?? UsualModes), cancellationToken);

    /// <summary>Answers the question that the thread waits on, and records what the run streams.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="modes">The stream modes, as for <see cref="StreamAsync"/>.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="ExpectationException">The server refused the run. A run that fails has an event <c>error</c>.</exception>
    public Task<RecordedStream> StreamResumeAsync(
        [StringSyntax(StringSyntaxAttribute.Json)] string answer,
        IReadOnlyList<string>? modes = null,
        CancellationToken cancellationToken = default) =>
        RecordAsync(HttpMethod.Post, $"{Path}/runs/stream", Body("command", Resume(answer), modes ?? UsualModes), cancellationToken);

    /// <summary>Starts a run in the background. Returns its id. When this returns, the run is stored.</summary>
    /// <exception cref="ExpectationException">The server refused the run.</exception>
    public async Task<string> StartAsync(
        [StringSyntax(StringSyntaxAttribute.Json)] string input = "{}", CancellationToken cancellationToken = default)
    {
        var run = await SendAsync(HttpMethod.Post, $"{Path}/runs", Body("input", input), cancellationToken);
        return run.GetProperty("run_id").GetString()!;
    }

    /// <summary>Waits for the end of a run. Returns the state.</summary>
    /// <exception cref="ExpectationException">The run failed.</exception>
    public async Task<JsonElement> JoinAsync(string runId, CancellationToken cancellationToken = default) =>
        Succeeded(await SendAsync(HttpMethod.Get, $"{Path}/runs/{runId}/join", null, cancellationToken));

    /// <summary>Returns the state of the thread with its next nodes and its tasks, as <c>GET /threads/{id}/state</c> answers.</summary>
    public Task<JsonElement> GetStateAsync(CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Get, $"{Path}/state", null, cancellationToken);

    /// <summary>Returns a run, with its <c>status</c>.</summary>
    public Task<JsonElement> GetRunAsync(string runId, CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Get, $"{Path}/runs/{runId}", null, cancellationToken);

    private static string Resume(string answer) => $$"""{"resume":{{answer}}}""";

    private static JsonElement Succeeded(JsonElement values) =>
        values.ValueKind == JsonValueKind.Object && values.TryGetProperty("__error__", out var error)
            ? throw new ExpectationException($"The run failed: {error.GetRawText()}")
            : values;

    private async Task<JsonElement> WaitAsync(string member, string value, CancellationToken cancellationToken) =>
        Succeeded(await SendAsync(HttpMethod.Post, $"{Path}/runs/wait", Body(member, value), cancellationToken));

    private string Body(string member, string value, IReadOnlyList<string>? modes = null)
    {
        using var body = new MemoryStream();
        using (var writer = new Utf8JsonWriter(body))
        {
            writer.WriteStartObject();
            writer.WriteString("assistant_id", _assistant);
            writer.WriteString("if_not_exists", "create");
            writer.WritePropertyName(member);
            JsonMatch.Parse(value).WriteTo(writer);
            if (modes is not null)
            {
                writer.WriteStartArray("stream_mode");
                foreach (var mode in modes)
                {
                    writer.WriteStringValue(mode);
                }

                writer.WriteEndArray();
            }

            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(body.ToArray());
    }

    private Task<JsonElement> SendAsync(HttpMethod method, string path, string? body, CancellationToken cancellationToken) =>
        Waiting.For(
            async stop =>
            {
                using var response = await OpenAsync(method, path, body, stop);
                return JsonElement.Parse(await response.Content.ReadAsStringAsync(stop));
            },
            _server.Timeout,
            $"the answer to {method} {path}",
            cancellationToken);

    private async Task<RecordedStream> RecordAsync(HttpMethod method, string path, string? body, CancellationToken cancellationToken)
    {
        var events = new ConcurrentQueue<RecordedEvent>();
        try
        {
            await Waiting.For(
                stop => ReadAsync(method, path, body, events, stop), _server.Timeout, $"the end of {method} {path}", cancellationToken);
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"{e.Message} So far it streamed:{Environment.NewLine}{string.Join(Environment.NewLine, events)}");
        }

        return new RecordedStream([.. events]);
    }

    private async Task ReadAsync(
        HttpMethod method, string path, string? body, ConcurrentQueue<RecordedEvent> events, CancellationToken cancellationToken)
    {
        using var response = await OpenAsync(method, path, body, cancellationToken);
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        await foreach (var item in SseParser.Create(stream).EnumerateAsync(cancellationToken))
        {
            events.Enqueue(new RecordedEvent(item.EventType, item.Data.Length == 0 ? GraphJson.Null : JsonElement.Parse(item.Data)));
        }
    }

    private async Task<HttpResponseMessage> OpenAsync(HttpMethod method, string path, string? body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new StringContent(body, new MediaTypeHeaderValue("application/json"));
        }

        var response = await _server.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            var text = await response.Content.ReadAsStringAsync(cancellationToken);
            throw new ExpectationException($"{method} {path} answered {(int)response.StatusCode}: {text}");
        }
    }
}

using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Weft.Graphs;

namespace Weft.RemoteGraphs;

/// <summary>A thread of the other server, and its runs.</summary>
internal sealed class RemoteThread(RemoteApi api, NodeContext context, Guid threadId)
{
    private const int RunsPerPage = 100;
    private const int ProblemBytesMax = 2_000;

    private string Path => $"threads/{threadId}";

    /// <summary>
    /// Returns the newest run that a task has created; null if it has created none. Many tasks may share the thread, so all of its
    /// runs are searched.
    /// </summary>
    public async Task<RemoteRun?> FindNewestRunAsync(string taskId, CancellationToken cancellationToken)
    {
        RemoteRun? newest = null;
        for (var offset = 0; ;)
        {
            var page = await ListRunsAsync(offset, cancellationToken);
            foreach (var run in page.Where(run => run.TaskId == taskId))
            {
                newest = newest is null || run.CreatedAt > newest.CreatedAt ? run : newest;
            }

            // Most servers list the newest runs first.
            if (page.Count == 0 || (newest is not null && page[0].CreatedAt > page[^1].CreatedAt))
            {
                return newest;
            }

            offset += page.Count;
        }
    }

    public async Task<RemoteRun?> FindRunAsync(string runId, CancellationToken cancellationToken) =>
        await GetAsync($"{Path}/runs/{runId}", isOptional: true, cancellationToken) is { } run ? Read(run, RemoteRun.Read) : null;

    public async Task<RemoteState> GetStateAsync(CancellationToken cancellationToken) =>
        Read((await GetAsync($"{Path}/state", isOptional: false, cancellationToken))!.Value, RemoteState.Read);

    /// <summary>Creates a run and opens its stream.</summary>
    /// <param name="body">The request.</param>
    /// <param name="key">A key of the request. A server that knows such keys creates one run for it.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public Task<HttpResponseMessage> CreateRunAsync(byte[] body, string key, CancellationToken cancellationToken) => SendAsync(
        HttpMethod.Post,
        $"{Path}/runs/stream",
        request =>
        {
            request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        },
        cancellationToken);

    /// <summary>Opens the stream of a run.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="after">The id of the last event that is known; <c>-1</c> for all.</param>
    /// <param name="modes">The modes of the stream.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public Task<HttpResponseMessage> JoinAsync(
        string runId, string after, IReadOnlyList<string> modes, CancellationToken cancellationToken) => SendAsync(
        HttpMethod.Get,
        $"{Path}/runs/{runId}/stream?{string.Join('&', modes.Select(mode => "stream_mode=" + mode))}",
        request => request.Headers.TryAddWithoutValidation("Last-Event-ID", after),
        cancellationToken);

    /// <summary>Asks the server to cancel a run. Returns the status of the answer.</summary>
    public async Task<HttpStatusCode> CancelAsync(string runId, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(
            HttpMethod.Post, $"{Path}/runs/{runId}/cancel?action=interrupt", _ => { }, cancellationToken);
        return response.StatusCode;
    }

    /// <summary>Returns a page of the runs; none if the thread does not exist.</summary>
    private async Task<IReadOnlyList<RemoteRun>> ListRunsAsync(int offset, CancellationToken cancellationToken)
    {
        const string Members = "select=run_id&select=status&select=metadata&select=created_at";
        var runs = await GetAsync($"{Path}/runs?limit={RunsPerPage}&offset={offset}&{Members}", isOptional: true, cancellationToken);
        return runs is not { ValueKind: JsonValueKind.Array } list
            ? []
            : Read(list, static list => list.EnumerateArray().Select(RemoteRun.Read).ToList());
    }

    private static T Read<T>(JsonElement json, Func<JsonElement, T> read)
    {
        try
        {
            return read(json);
        }
        catch (Exception e) when (e is InvalidOperationException or KeyNotFoundException or ArgumentNullException)
        {
            throw new RemoteGraphException(RemoteGraphFailure.InvalidAnswer, "The server answered with JSON of another form.", e);
        }
    }

    private async Task<JsonElement?> GetAsync(string path, bool isOptional, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(api.Options.RequestTimeout, context.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            using var response = await SendAsync(HttpMethod.Get, path, _ => { }, either.Token);
            return GraphJson.Parse(await response.Content.ReadAsByteArrayAsync(either.Token));
        }
        catch (OperationCanceledException e) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new HttpRequestException($"{path} was not answered within {api.Options.RequestTimeout}.", e);
        }
        catch (RemoteGraphException e) when (isOptional && e.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }
        catch (JsonException e)
        {
            throw new RemoteGraphException(RemoteGraphFailure.InvalidAnswer, "The server answered with something that is not JSON.", e);
        }
    }

    /// <summary>Sends a request and returns the response when its headers have arrived.</summary>
    /// <exception cref="HttpRequestException">The server can't be reached, or is overloaded or broken for now.</exception>
    /// <exception cref="RemoteGraphException">The server refuses.</exception>
    private async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, Action<HttpRequestMessage> complete, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(api.Options.RequestTimeout, context.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        using var request = api.Request(method, path);
        complete(request);
        if (api.Options.ConfigureRequest is { } configure)
        {
            await configure(context, request, cancellationToken);
        }

        HttpResponseMessage response;
        try
        {
            response = await api.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
        }
        catch (OperationCanceledException e) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new HttpRequestException($"{method} {path} was not answered within {api.Options.RequestTimeout}.", e);
        }

        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            throw await ErrorOfAsync(response, either.Token);
        }
    }

    private static async Task<Exception> ErrorOfAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var text = "";
        try
        {
            var bytes = new byte[ProblemBytesMax];
            await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
            var length = await body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken);
            text = System.Text.Encoding.UTF8.GetString(bytes, 0, length);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            // The status says enough.
        }

        var message = $"The server answered {(int)response.StatusCode}: {text}";
        return (int)response.StatusCode >= 500 || response.StatusCode is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests
            ? new HttpRequestException(message, null, response.StatusCode)
            : new RemoteGraphException(RemoteGraphFailure.Refused, message) { StatusCode = response.StatusCode };
    }
}

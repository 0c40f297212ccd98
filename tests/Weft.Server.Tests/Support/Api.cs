using System.Net.Http.Headers;
using System.Text;

namespace Weft.Server.Tests;

/// <summary>Calls the API below a prefix, with nothing in between but HTTP.</summary>
public sealed class Api(HttpClient http, string prefix)
{
    public string Prefix => prefix;

    public Uri BaseAddress => http.BaseAddress!;

    public Task<Answer> GetAsync(string path, params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Get, path, null, headers);

    public Task<Answer> DeleteAsync(string path, params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Delete, path, null, headers);

    public Task<Answer> PatchAsync(string path, string body, params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Patch, path, body, headers);

    public Task<Answer> PostAsync(string path, string? body = null, params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Post, path, body, headers);

    public async Task<Answer> SendAsync(HttpMethod method, string path, string? body, params (string Name, string Value)[] headers)
    {
        using var request = Request(method, path, body, headers);
        using var response = await http.SendAsync(request, TestContext.Current.CancellationToken).Within($"the answer to {method} {path}");
        return await Answer.ReadAsync(response);
    }

    public async Task<string> NewThreadAsync() => (await PostAsync("/threads")).ShouldBeOk().String("thread_id");

    /// <summary>Opens a stream; fails when the answer is none.</summary>
    public Task<SseStream> StreamAsync(string path, string body, params (string Name, string Value)[] headers) =>
        OpenAsync(HttpMethod.Post, path, body, headers);

    /// <summary>Joins a stream; fails when the answer is none.</summary>
    public Task<SseStream> JoinAsync(string path, params (string Name, string Value)[] headers) =>
        OpenAsync(HttpMethod.Get, path, null, headers);

    public async Task<SseStream> OpenAsync(HttpMethod method, string path, string? body, params (string Name, string Value)[] headers)
    {
        using var request = Request(method, path, body, headers);
        var response = await http
            .SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken)
            .Within($"the headers of {method} {path}");
        if (response.Content.Headers.ContentType?.MediaType != "text/event-stream")
        {
            throw new InvalidOperationException($"{method} {path} answered {await Answer.ReadAsync(response)}");
        }

        return await SseStream.OpenAsync(response);
    }

    /// <summary>Sends a request and returns its answer once the answer has begun; the rest of it is still to be read.</summary>
    public async Task<HttpResponseMessage> BeginAnswerAsync(HttpMethod method, string path, string? body)
    {
        using var request = Request(method, path, body);
        return await http
            .SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken)
            .Within($"the headers of {method} {path}");
    }

    /// <summary>Begins a call and returns what ends it, as a client that goes away does.</summary>
    public (Task Call, CancellationTokenSource Leave) Begin(HttpMethod method, string path, string? body)
    {
        var leave = new CancellationTokenSource();
        var request = Request(method, path, body);
        return (http.SendAsync(request, HttpCompletionOption.ResponseContentRead, leave.Token), leave);
    }

    private HttpRequestMessage Request(HttpMethod method, string path, string? body, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(method, prefix + path);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return request;
    }
}

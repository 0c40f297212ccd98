using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Weft.Cluster.Tests;

/// <summary>A client that repeats a request, at one server after the other, until it succeeds or fails so that it may not be repeated.</summary>
/// <param name="cluster">The servers.</param>
/// <param name="repeats">Whether the client repeats a request that failed so.</param>
internal sealed class PatientClient(ClusterUnderTest cluster, Func<Exception, bool> repeats) : IDisposable
{
    // A connection for each request, as a load balancer gives them to servers in turn.
    private readonly HttpClient _http = new(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.Zero })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    /// <summary>Whether a connection was refused, so that no server has seen the request.</summary>
    public static bool IsRefused(Exception exception) =>
        exception is HttpRequestException { InnerException: SocketException { SocketErrorCode: SocketError.ConnectionRefused } };

    /// <summary>Whether a request failed for a reason that may pass.</summary>
    public static bool IsPassing(Exception exception) =>
        exception is IOException or HttpRequestException { StatusCode: null or >= HttpStatusCode.InternalServerError };

    /// <summary>Sends a request until it succeeds. Returns how often it was repeated.</summary>
    public async Task<int> RepeatAsync(Func<Api, Task> request)
    {
        for (var tries = 0; ; tries++)
        {
            try
            {
                await request(cluster.Next);
                return tries;
            }
            catch (Exception e) when (tries < 2000 && (e is BrokenStreamException || repeats(e)))
            {
                await Task.Delay(50);
            }
        }
    }

    /// <summary>Posts a request, with a key that makes it safe to repeat.</summary>
    public Task<HttpResponseMessage> PostAsync(Api api, string path, string? body, string? key = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(api.BaseAddress, path));
        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        }

        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }

        return SendAsync(request);
    }

    /// <summary>Joins a stream behind the last event that the client has.</summary>
    public Task<HttpResponseMessage> JoinAsync(Api api, string path, string last)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, new Uri(api.BaseAddress, path));
        request.Headers.Add("Last-Event-ID", last);
        return SendAsync(request);
    }

    /// <summary>Deletes something. What is already gone counts as deleted if the request was repeated.</summary>
    public async Task DeleteAsync(string path)
    {
        var tries = 0;
        await RepeatAsync(async api =>
        {
            try
            {
                using var deleted = await SendAsync(new HttpRequestMessage(HttpMethod.Delete, new Uri(api.BaseAddress, path)));
            }
            catch (HttpRequestException e) when (tries++ > 0 && e.StatusCode == HttpStatusCode.NotFound)
            {
                // An earlier request has deleted it, but its answer was lost.
            }
        });
    }

    public void Dispose() => _http.Dispose();

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request)
    {
        using (request)
        {
            var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, CancellationToken.None)
                .Within($"the answer to {request.RequestUri}");
            if (response.IsSuccessStatusCode)
            {
                return response;
            }

            using (response)
            {
                throw new HttpRequestException(await response.Content.ReadAsStringAsync(), null, response.StatusCode);
            }
        }
    }
}

/// <summary>A stream ended before its last event. Every client connects again then.</summary>
internal sealed class BrokenStreamException : Exception;

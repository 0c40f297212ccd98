using Weft.Graphs;

namespace Weft.RemoteGraphs;

/// <summary>The API of another server.</summary>
internal sealed class RemoteApi
{
    // Stops trusting addresses that names have resolved to after a while.
    private static readonly Lazy<HttpClient> Shared = new(() => new HttpClient(
        new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(2), AllowAutoRedirect = false })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    });

    private readonly Uri _address;

    public RemoteApi(Uri address, RemoteGraphOptions options)
    {
        _address = new Uri(address.AbsoluteUri.TrimEnd('/') + "/");
        Options = options;
    }

    public RemoteGraphOptions Options { get; }

    public HttpClient Client => Options.Client ?? Shared.Value;

    /// <summary>The API as a node calls it, for one thread.</summary>
    public RemoteThread For(NodeContext context, Guid threadId) => new(this, context, threadId);

    /// <summary>Makes a request with the headers that each request has.</summary>
    public HttpRequestMessage Request(HttpMethod method, string path)
    {
        var request = new HttpRequestMessage(method, new Uri(_address, path));
        if (Options.ApiKey is { } key)
        {
            request.Headers.TryAddWithoutValidation("x-api-key", key);
        }

        foreach (var (name, value) in Options.Headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return request;
    }
}

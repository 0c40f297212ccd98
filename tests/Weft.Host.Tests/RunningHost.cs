using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json;

namespace Weft.Host.Tests;

/// <summary>A server that listens, as a process of its own, until it is disposed.</summary>
internal sealed class RunningHost : IAsyncDisposable
{
    private readonly Process _process;

    private RunningHost(Process process, Uri address)
    {
        _process = process;
        var handler = new SocketsHttpHandler { RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8 };
        Client = new HttpClient(handler) { BaseAddress = address };
    }

    public HttpClient Client { get; }

    public int ProcessId => _process.Id;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static Task<RunningHost> StartAsync(string folder, params string[] arguments) =>
        StartWithoutFolderAsync(folder, ["--data", folder, .. arguments]);

    /// <summary>Starts a server with variables of the environment.</summary>
    public static Task<RunningHost> StartAsync(string folder, Dictionary<string, string> environment, params string[] arguments) =>
        StartProcessAsync(folder, environment, ["--data", folder, .. arguments]);

    /// <summary>Starts a server whose data is not in a folder.</summary>
    public static Task<RunningHost> StartWithoutFolderAsync(string workingFolder, params string[] arguments) =>
        StartProcessAsync(workingFolder, [], arguments);

    private static async Task<RunningHost> StartProcessAsync(
        string workingFolder, Dictionary<string, string> environment, string[] arguments)
    {
        var process = HostProcess.Start(workingFolder, environment, arguments);
        var line = await process.StandardOutput.ReadLineAsync(Stop);
        // An address for all interfaces is called at one of them.
        var address = line.ShouldNotBeNull().Replace("Weft listens on ", "", StringComparison.Ordinal)
            .Replace("0.0.0.0", "127.0.0.1", StringComparison.Ordinal);
        return new RunningHost(process, new Uri(address));
    }

    /// <summary>Calls the server with headers, and with a body if the method is POST.</summary>
    public async Task<(HttpStatusCode Status, JsonElement Body, string Challenge)> CallAsync(
        HttpMethod method, string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        if (method == HttpMethod.Post)
        {
            request.Content = new StringContent("{}", null, "application/json");
        }

        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await Client.SendAsync(request, Stop);
        var text = await response.Content.ReadAsStringAsync(Stop);
        var isJson = response.Content.Headers.ContentType?.MediaType == "application/json";
        return (response.StatusCode, isJson ? JsonElement.Parse(text) : default, response.Headers.WwwAuthenticate.ToString());
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
    }
}

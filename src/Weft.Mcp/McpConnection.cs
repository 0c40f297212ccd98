using System.Net;
using Microsoft.Extensions.Logging;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace Weft.Mcp;

/// <summary>The connection to one server, which is opened again when it has ended.</summary>
internal sealed partial class McpConnection(string name, McpConnectionOptions options, ILoggerFactory loggers) : IAsyncDisposable
{
    /// <summary>How long a server may take to answer, after a call has timed out, before it counts as hanging.</summary>
    private static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(5);

    private readonly ILogger _logger = loggers.CreateLogger<McpConnection>();
    private readonly SemaphoreSlim _opening = new(1, 1);
    private readonly HttpClient? _http = options.Url is null ? null : new HttpClient(new SocketsHttpHandler
    {
        // Changes of the address are seen, and credentials in headers go to no other server.
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        AllowAutoRedirect = false,
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    private McpClient? _client;
    private bool _isDisposed;

    public string Name => name;

    public McpConnectionOptions Options => options;

    /// <exception cref="ArgumentException">The options are wrong.</exception>
    public static void Check(string name, McpConnectionOptions options)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(options);
        if (options.Command is null == (options.Url is null))
        {
            throw Wrong("it has either a Command or a Url.");
        }

        if (options.Url is { } url && (!url.IsAbsoluteUri || url.Scheme is not ("http" or "https")))
        {
            throw Wrong($"Url must begin with http:// or https:// (was '{url}').");
        }

        if (options.ConnectTimeout <= TimeSpan.Zero || options.CallTimeout <= TimeSpan.Zero)
        {
            throw Wrong("ConnectTimeout and CallTimeout must be greater than 0.");
        }

        ArgumentException Wrong(string reason) => new($"MCP server '{name}': {reason}", nameof(options));
    }

    /// <summary>Returns the tools that the options choose; none if the server is optional and can't be reached.</summary>
    public async Task<IList<McpClientTool>> ListAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(options.ConnectTimeout);
        IList<McpClientTool> tools;
        try
        {
            var client = await OpenAsync(limit.Token);
            tools = await client.ListToolsAsync(cancellationToken: limit.Token);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            if (!options.Optional)
            {
                throw new McpServerException($"The MCP server '{name}' {Describe(e, options.ConnectTimeout)}", e);
            }

            LogMissing(name, e);
            return [];
        }

        var names = tools.Select(static tool => tool.ProtocolTool.Name).ToHashSet();
        if (options.Tools.Concat(options.ToolApproval.Keys).FirstOrDefault(tool => !names.Contains(tool)) is { } unknown)
        {
            // If a name in ToolApproval were misspelled, the tool would run without approval.
            throw new ArgumentException($"MCP server '{name}': it has no tool '{unknown}'; there are {string.Join(", ", names)}.");
        }

        LogConnected(name, tools.Count);
        return options.Tools.Count == 0 ? tools : [.. tools.Where(tool => options.Tools.Contains(tool.ProtocolTool.Name))];
    }

    /// <summary>Calls a tool. A call that the server may have received is never repeated.</summary>
    /// <exception cref="McpServerException">The call failed, or took too long.</exception>
    public async Task<CallToolResult> CallAsync(
        string tool, IReadOnlyDictionary<string, object?> arguments, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(options.CallTimeout);
        var progress = new McpProgress(name, tool, () => limit.CancelAfter(options.CallTimeout));
        try
        {
            return await CallAsync(tool, arguments, progress, limit.Token);
        }
        catch (McpProtocolException e)
        {
            throw new McpServerException($"The MCP server '{name}' refused the call of {tool}: {e.Message}", e);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            if (e is OperationCanceledException)
            {
                await CloseIfSilentAsync(cancellationToken);
            }

            LogFailed(name, tool, e);
            throw new McpServerException($"The call of {tool} failed. The MCP server '{name}' {Describe(e, options.CallTimeout)}", e);
        }
        finally
        {
            progress.End();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _opening.WaitAsync();
        try
        {
            _isDisposed = true;
            await CloseAsync();
        }
        finally
        {
            _opening.Release();
        }

        _http?.Dispose();
    }

    private async Task<CallToolResult> CallAsync(
        string tool, IReadOnlyDictionary<string, object?> arguments, McpProgress progress, CancellationToken cancellationToken)
    {
        var client = await OpenAsync(cancellationToken);
        try
        {
            return await client.CallToolAsync(tool, arguments, progress, cancellationToken: cancellationToken);
        }
        catch (HttpRequestException e) when (e.StatusCode == HttpStatusCode.NotFound)
        {
            // The server has started again and does not know the session, so it has not executed the call.
            await CloseAsync(client);
            client = await OpenAsync(cancellationToken);
            return await client.CallToolAsync(tool, arguments, progress, cancellationToken: cancellationToken);
        }
    }

    private async Task<McpClient> OpenAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _client) is { Completion.IsCompleted: false } open)
        {
            return open;
        }

        await _opening.WaitAsync(cancellationToken);
        try
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (_client is { Completion.IsCompleted: false } opened)
            {
                return opened;
            }

            if (_client is not null)
            {
                LogReopening(name);
                await CloseAsync();
            }

            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(options.ConnectTimeout);
            var client = await McpClient.CreateAsync(
                CreateTransport(),
                new McpClientOptions
                {
                    ClientInfo = new Implementation { Name = "weft", Version = "1.0" },
                    InitializationTimeout = options.ConnectTimeout,
                },
                loggers,
                limit.Token);
            Volatile.Write(ref _client, client);
            return client;
        }
        finally
        {
            _opening.Release();
        }
    }

    /// <summary>
    /// Closes the connection to a server that answers nothing at all, so that the next call starts it again. Another call of the same
    /// server may only be slow.
    /// </summary>
    private async Task CloseIfSilentAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _client) is not { } client)
        {
            return;
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(ProbeTimeout);
        try
        {
            await client.ListToolsAsync(cancellationToken: limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            LogSilent(name);
            await CloseAsync(client);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // It answers, or the connection has ended.
        }
    }

    private async Task CloseAsync(McpClient client)
    {
        await _opening.WaitAsync();
        try
        {
            if (_client == client)
            {
                await CloseAsync();
            }
        }
        finally
        {
            _opening.Release();
        }
    }

    private async Task CloseAsync()
    {
        if (Interlocked.Exchange(ref _client, null) is { } client)
        {
            try
            {
                await client.DisposeAsync();
            }
            catch (Exception e)
            {
                // The connection is over in any case.
                LogCloseFailed(name, e);
            }
        }
    }

    private IClientTransport CreateTransport() => options.Url is { } url
        ? new HttpClientTransport(
            new HttpClientTransportOptions
            {
                Name = name,
                Endpoint = url,
                TransportMode = HttpTransportMode.StreamableHttp,
                AdditionalHeaders = options.Headers,
                ConnectionTimeout = options.ConnectTimeout,
                EnableStandaloneGetStream = false,
            },
            _http!,
            loggers)
        : new StdioClientTransport(
            new StdioClientTransportOptions
            {
                Name = name,
                Command = options.Command!,
                Arguments = options.Arguments,
                WorkingDirectory = options.WorkingDirectory,
                InheritEnvironmentVariables = false,
                EnvironmentVariables = EnvironmentOf(options),
            },
            loggers);

    private static Dictionary<string, string?> EnvironmentOf(McpConnectionOptions options)
    {
        var variables = StdioClientTransportOptions.GetDefaultEnvironmentVariables();
        foreach (var (variable, value) in options.Environment)
        {
            variables[variable] = value;
        }

        return variables;
    }

    private static string Describe(Exception exception, TimeSpan timeout) => exception switch
    {
        OperationCanceledException or TimeoutException => $"did not answer within {timeout.TotalSeconds} seconds.",
        _ => $"can't be reached or ended: {exception.Message}",
    };

    [LoggerMessage(1, LogLevel.Information, "Connected to the MCP server {Server}, which has {Count} tools.")]
    private partial void LogConnected(string server, int count);

    [LoggerMessage(2, LogLevel.Warning, "The MCP server {Server} can't be reached. The toolset is made without its tools.")]
    private partial void LogMissing(string server, Exception exception);

    [LoggerMessage(3, LogLevel.Information, "The connection to the MCP server {Server} has ended. It is opened again.")]
    private partial void LogReopening(string server);

    [LoggerMessage(4, LogLevel.Warning, "The MCP server {Server} answers nothing. Its connection is closed.")]
    private partial void LogSilent(string server);

    [LoggerMessage(5, LogLevel.Debug, "The call of {Tool} of the MCP server {Server} failed.")]
    private partial void LogFailed(string server, string tool, Exception exception);

    [LoggerMessage(6, LogLevel.Debug, "The connection to the MCP server {Server} could not be closed in order.")]
    private partial void LogCloseFailed(string server, Exception exception);
}

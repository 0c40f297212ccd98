using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using ModelContextProtocol.Client;

namespace Weft.Mcp;

/// <summary>The tools of servers of the Model Context Protocol, for agents.</summary>
/// <remarks>
/// The tools are those that the servers have when the toolset is made. A server that ends later is started, or connected to, again at the
/// next call of one of its tools. All members are safe to use from several threads.
/// </remarks>
public sealed class McpToolset : IAsyncDisposable
{
    private readonly IReadOnlyList<McpConnection> _connections;
    private readonly IReadOnlyDictionary<string, IReadOnlyList<AITool>> _toolsOf;

    private McpToolset(IReadOnlyList<McpConnection> connections, IReadOnlyDictionary<string, IReadOnlyList<AITool>> toolsOf)
    {
        _connections = connections;
        _toolsOf = toolsOf;
        Tools = [.. toolsOf.Values.SelectMany(tools => tools)];
    }

    /// <summary>The tools of all servers. Those that a person has to approve are <see cref="ApprovalRequiredAIFunction"/>s.</summary>
    public IReadOnlyList<AITool> Tools { get; }

    /// <summary>Connects to the servers and lists their tools.</summary>
    /// <param name="options">The servers.</param>
    /// <param name="loggers">Where to log; null for nowhere.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="ArgumentException">
    /// The options of a server are wrong: they name a tool that it does not have, or two tools have the same name.
    /// </exception>
    /// <exception cref="McpServerException">A server that is not optional can't be reached, or does not answer in time.</exception>
    public static async Task<McpToolset> ConnectAsync(
        McpToolsetOptions options, ILoggerFactory? loggers = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        loggers ??= NullLoggerFactory.Instance;
        foreach (var (name, server) in options.Servers)
        {
            McpConnection.Check(name, server);
        }

        List<McpConnection> connections = [.. options.Servers.Select(server => new McpConnection(server.Key, server.Value, loggers))];
        try
        {
            var listed = await Task.WhenAll(connections.Select(connection => connection.ListAsync(cancellationToken)));
            return new McpToolset(connections, ToolsOf(connections, listed));
        }
        catch
        {
            await DisposeAsync(connections);
            throw;
        }
    }

    /// <summary>
    /// Connects to the servers of a configuration, such as the section <c>Weft:Mcp</c>, whose members are those of
    /// <see cref="McpToolsetOptions"/>.
    /// </summary>
    /// <example><c>await McpToolset.ConnectAsync(builder.Configuration.GetSection("Weft:Mcp"))</c></example>
    /// <param name="configuration">The configuration. A section that does not exist has no servers.</param>
    /// <param name="loggers">Where to log; null for nowhere.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="InvalidOperationException">The configuration has an unknown member or a wrong value.</exception>
    /// <inheritdoc cref="ConnectAsync(McpToolsetOptions, ILoggerFactory, CancellationToken)"/>
    public static Task<McpToolset> ConnectAsync(
        IConfiguration configuration, ILoggerFactory? loggers = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var options = new McpToolsetOptions();
        configuration.Bind(options, static binder => binder.ErrorOnUnknownConfiguration = true);
        return ConnectAsync(options, loggers, cancellationToken);
    }

    /// <summary>Returns the tools of one server.</summary>
    /// <param name="server">The name of the server in the options.</param>
    /// <exception cref="ArgumentException">No server has this name.</exception>
    public IReadOnlyList<AITool> ToolsOf(string server) => _toolsOf.TryGetValue(server, out var tools)
        ? tools
        : throw new ArgumentException($"'{server}' is none of {string.Join(", ", _toolsOf.Keys)}.", nameof(server));

    /// <summary>Ends the connections, and the programs that were started. Calls that go on fail.</summary>
    public ValueTask DisposeAsync() => DisposeAsync(_connections);

    private static async ValueTask DisposeAsync(IEnumerable<McpConnection> connections)
    {
        foreach (var connection in connections)
        {
            await connection.DisposeAsync();
        }
    }

    private static Dictionary<string, IReadOnlyList<AITool>> ToolsOf(
        IReadOnlyList<McpConnection> connections, IReadOnlyList<IList<McpClientTool>> listed)
    {
        var all = connections.Zip(listed).SelectMany(static one => one.Second.Select(tool => (Connection: one.First, tool.ProtocolTool)))
            .ToList();
        var names = ToolNames.Of(all.Select(static one => (one.Connection.Name, one.Connection.Options.Prefix, one.ProtocolTool.Name)));
        var functions = all.Zip(names, static (one, name) =>
            (one.Connection.Name, Tool: McpFunction.Create(one.Connection, one.ProtocolTool, name)));
        var byServer = functions.ToLookup(static function => function.Name, static function => function.Tool);
        return connections.ToDictionary(
            static connection => connection.Name, connection => (IReadOnlyList<AITool>)[.. byServer[connection.Name]]);
    }
}

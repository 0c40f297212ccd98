namespace Weft.Mcp;

/// <summary>The servers of an <see cref="McpToolset"/>.</summary>
public sealed class McpToolsetOptions
{
    /// <summary>The servers, by names of your choice. Default: none.</summary>
    public IDictionary<string, McpConnectionOptions> Servers { get; } = new Dictionary<string, McpConnectionOptions>();
}

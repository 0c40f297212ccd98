namespace Weft.Mcp;

/// <summary>A server of the Model Context Protocol, and how its tools are used. It has a command or a URL.</summary>
public sealed class McpConnectionOptions
{
    /// <summary>The program to start, which speaks over its standard input and output, such as <c>npx</c>. Default: none.</summary>
    public string? Command { get; set; }

    /// <summary>The arguments of the program. Default: none.</summary>
    public IList<string> Arguments { get; } = [];

    /// <summary>
    /// Environment variables of the program. Of those of this process it gets only the ones that programs need to start, such as
    /// <c>PATH</c> and <c>HOME</c>, so that it does not get secrets. Default: none.
    /// </summary>
    public IDictionary<string, string> Environment { get; } = new Dictionary<string, string>();

    /// <summary>The folder in which the program starts. Default: that of this process.</summary>
    public string? WorkingDirectory { get; set; }

    /// <summary>The address of a server that speaks streamable HTTP, such as <c>https://tools.example/mcp</c>. Default: none.</summary>
    public Uri? Url { get; set; }

    /// <summary>Headers of each request to <see cref="Url"/>, such as <c>Authorization</c>. Default: none.</summary>
    public IDictionary<string, string> Headers { get; } = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether a person has to approve the calls of the server's tools. Default: by their annotations.</summary>
    public McpApproval Approval { get; set; }

    /// <summary>The approval policies of single tools, by the names that the server gives them. Default: none.</summary>
    public IDictionary<string, McpApproval> ToolApproval { get; } = new Dictionary<string, McpApproval>();

    /// <summary>The tools to use, by the names that the server gives them. Empty means all of them. Default: empty.</summary>
    public IList<string> Tools { get; } = [];

    /// <summary>
    /// The beginning of the names of all tools of this server. If it is null, the names of tools that two servers have begin with those
    /// of their servers, and other names are as they are. Default: null.
    /// </summary>
    public string? Prefix { get; set; }

    /// <summary>
    /// Whether the toolset can be made without this server. Then a server that can't be reached has no tools, and a warning is logged.
    /// Default: false.
    /// </summary>
    public bool Optional { get; set; }

    /// <summary>How long the server may take to start and to list its tools. Default: 30 seconds.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long a call may take. The time begins again when the server reports progress. Then the call is cancelled, and the model gets
    /// an error. Default: 2 minutes.
    /// </summary>
    public TimeSpan CallTimeout { get; set; } = TimeSpan.FromMinutes(2);
}

using Weft.Runs;

namespace Weft.Server;

/// <summary>The assistants as tools (docs/protocol/mcp.md 3).</summary>
internal sealed class McpTools(AssistantsFacade assistants, AssistantDirectory graphs, WeftServerOptions options)
{
    /// <summary>The longest name of a tool that the common models accept.</summary>
    private const int NameLengthMax = 64;

    private const int IdLength = 8;

    /// <summary>Returns the tools of the actor, at most as many as a page of a search has.</summary>
    public async Task<IReadOnlyList<McpTool>> ListAsync(Actor actor, CancellationToken cancellationToken)
    {
        var query = new AssistantQuery { Limit = options.PageSizeMax, Descending = false };
        var page = await assistants.SearchAsync(actor, query, cancellationToken);
        var tools = new List<McpTool>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        // An assistant with the id of its graph has that name, whatever others are called. Then the oldest one has it.
        foreach (var assistant in page.Items.OrderByDescending(IsNamedAsGraph))
        {
            var name = NameOf(assistant);
            if (!names.Add(name))
            {
                name = $"{name[..Math.Min(name.Length, NameLengthMax - IdLength - 1)]}_{assistant.AssistantId.ToString()[..IdLength]}";
                names.Add(name);
            }

            if (ToolOf(assistant, name) is { } tool)
            {
                tools.Add(tool);
            }
        }

        return tools;
    }

    /// <summary>Returns the tool with this name; null if the actor has none.</summary>
    public async Task<McpTool?> FindAsync(Actor actor, string name, CancellationToken cancellationToken)
    {
        // The names of others need all assistants to be read.
        if (graphs.FindGraph(name) is not null
            && await assistants.FindAsync(actor, name, cancellationToken) is { } found && IsNamedAsGraph(found) && NameOf(found) == name)
        {
            return ToolOf(found, name);
        }

        return (await ListAsync(actor, cancellationToken)).FirstOrDefault(tool => tool.Name == name);
    }

    /// <summary>Returns the id by which clients name the tool's assistant: that of the graph, if it is the graph's assistant.</summary>
    public string IdOf(McpTool tool) => graphs.Find(tool.Assistant.AssistantId)?.GraphId ?? tool.Assistant.AssistantId.ToString();

    private bool IsNamedAsGraph(AssistantRecord assistant) =>
        assistant.Name == assistant.GraphId && graphs.Find(assistant.AssistantId) is not null;

    /// <summary>Null if the server no longer has the graph.</summary>
    private McpTool? ToolOf(AssistantRecord assistant, string name) =>
        graphs.FindGraph(assistant.GraphId) is { } graph ? new McpTool(name, assistant, graph.Graph.Schemas.Input) : null;

    /// <summary>Returns the name of an assistant with the characters that models accept in names of tools.</summary>
    private static string NameOf(AssistantRecord assistant)
    {
        var name = assistant.Name.Length == 0 ? assistant.GraphId : assistant.Name;
        return string.Create(Math.Min(name.Length, NameLengthMax), name, static (characters, name) =>
        {
            for (var i = 0; i < characters.Length; i++)
            {
                characters[i] = char.IsAsciiLetterOrDigit(name[i]) || name[i] is '-' or '_' ? name[i] : '_';
            }
        });
    }
}

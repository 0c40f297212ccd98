using Weft.Graphs;
using Weft.Runs;

namespace Weft.Server;

/// <summary>The assistants as tools (docs/protocol/mcp.md 3).</summary>
internal sealed class McpTools(AssistantsFacade assistants, AssistantDirectory graphs, WeftServerOptions options)
{
    /// <summary>The longest name of a tool that the common models accept.</summary>
    private const int NameLengthMax = 64;

    private const int IdLength = 8;

    /// <summary>
    /// Returns the tools of the actor's assistants from a position in the order of their creation, as many as a page of a search has,
    /// and the position after them; null if they are the last ones.
    /// </summary>
    public async Task<(IEnumerable<McpTool> Tools, int? Next)> ListAsync(Actor actor, int start, CancellationToken cancellationToken)
    {
        var end = (int)Math.Min((long)start + options.PageSizeMax, int.MaxValue);
        var (named, total) = await ReadAsync(actor, end, cancellationToken);
        return (named.Skip(start).Select(ToolOf).OfType<McpTool>(), total > end ? end : null);
    }

    /// <summary>Returns the tool with this name; null if the actor has none.</summary>
    public async Task<McpTool?> FindAsync(Actor actor, string name, CancellationToken cancellationToken)
    {
        // The names of others need the older assistants to be read.
        if (graphs.FindGraph(name) is not null
            && await assistants.FindAsync(actor, name, cancellationToken) is { } found && IsNamedAsGraph(found) && NameOf(found) == name)
        {
            return ToolOf((name, found));
        }

        for (var count = (long)options.PageSizeMax; ; count *= 2)
        {
            var (named, total) = await ReadAsync(actor, (int)Math.Min(count, int.MaxValue), cancellationToken);
            var match = named.FirstOrDefault(tool => tool.Name == name);
            if (match.Assistant is not null || total <= count)
            {
                return match.Assistant is null ? null : ToolOf(match);
            }
        }
    }

    /// <summary>Returns the id by which clients name the tool's assistant: that of the graph, if it is the graph's assistant.</summary>
    public string IdOf(McpTool tool) => graphs.Find(tool.Assistant.AssistantId)?.GraphId ?? tool.Assistant.AssistantId.ToString();

    private bool IsNamedAsGraph(AssistantRecord assistant) =>
        assistant.Name == assistant.GraphId && graphs.Find(assistant.AssistantId) is not null;

    /// <summary>Returns the oldest assistants of the actor with the names of their tools, and how many assistants there are.</summary>
    private async Task<(List<(string Name, AssistantRecord Assistant)> Named, int Total)> ReadAsync(
        Actor actor, int count, CancellationToken cancellationToken)
    {
        var query = new AssistantQuery { Limit = count, Descending = false };
        var page = await assistants.OpenSearchAsync(actor, query, cancellationToken);
        // The names of the graphs' assistants come first, whatever others are called. Then the oldest assistant has a name.
        var names = new HashSet<string>(StringComparer.Ordinal);
        var ofGraphs = graphs.All.OrderByDescending(static assistant => NameOf(assistant) == assistant.GraphId)
            .ToDictionary(static assistant => assistant.AssistantId, assistant => NewName(names, assistant));
        var named = await page.Select(assistant => (IsNamedAsGraph(assistant)
            ? ofGraphs[assistant.AssistantId]
            : NewName(names, assistant), WithoutConfiguration(assistant))).ToListAsync(cancellationToken);
        return (named, page.Total);
    }

    /// <summary>Returns what a list of tools shows of an assistant, because there may be many.</summary>
    private static AssistantRecord WithoutConfiguration(AssistantRecord assistant) => assistant with
    {
        Config = GraphJson.EmptyObject,
        Context = GraphJson.EmptyObject,
        Metadata = GraphJson.EmptyObject,
    };

    /// <summary>Null if the server no longer has the graph.</summary>
    private McpTool? ToolOf((string Name, AssistantRecord Assistant) named) => graphs.FindGraph(named.Assistant.GraphId) is { } graph
        ? new McpTool(named.Name, named.Assistant, graph.Graph.Schemas.Input)
        : null;

    /// <summary>Returns the name of an assistant's tool and adds it to the names.</summary>
    private static string NewName(HashSet<string> names, AssistantRecord assistant)
    {
        var name = NameOf(assistant);
        if (!names.Add(name))
        {
            name = $"{name[..Math.Min(name.Length, NameLengthMax - IdLength - 1)]}_{assistant.AssistantId.ToString()[..IdLength]}";
            names.Add(name);
        }

        return name;
    }

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

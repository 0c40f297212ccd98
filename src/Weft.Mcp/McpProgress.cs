using System.Text.Json.Serialization;
using ModelContextProtocol;
using Weft.Graphs;

namespace Weft.Mcp;

/// <summary>Writes the progress of a call to the stream of the run, in the mode <c>custom</c>, and to its tool call.</summary>
internal sealed class McpProgress(string server, string tool, Action reported) : IProgress<ProgressNotificationValue>
{
    // The server reports from a thread of its connection, which belongs to no node.
    private readonly NodeContext? _context = NodeContext.Current;
    private readonly ToolSpan? _span = ToolSpan.Current;
    private volatile bool _isOver;

    public void Report(ProgressNotificationValue value)
    {
        if (_isOver)
        {
            return;
        }

        reported();
        var progress = new McpProgressEvent("mcp_progress", server, tool, value.Progress, value.Total, value.Message);
        _context?.Write(progress, McpJsonContext.Default.McpProgressEvent, "mcp");
        _span?.Report(progress, McpJsonContext.Default.McpProgressEvent);
    }

    /// <summary>Ignores what comes later, when the node may have ended.</summary>
    public void End() => _isOver = true;
}

/// <summary>A report of progress.</summary>
internal sealed record McpProgressEvent(
    [property: JsonPropertyName("type")] string Type,
    [property: JsonPropertyName("server")] string Server,
    [property: JsonPropertyName("tool")] string Tool,
    [property: JsonPropertyName("progress")] double Progress,
    [property: JsonPropertyName("total")] double? Total,
    [property: JsonPropertyName("message")] string? Message);

/// <summary>The types that are written to streams.</summary>
[JsonSerializable(typeof(McpProgressEvent))]
internal sealed partial class McpJsonContext : JsonSerializerContext;

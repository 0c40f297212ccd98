using Microsoft.Extensions.AI;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using Weft.Agents;

namespace Weft.Mcp;

/// <summary>Reads results of tools as an agent takes them.</summary>
internal static class McpResult
{
    /// <summary>
    /// Returns the result: text if it has only text, else content blocks. Structured content is the artifact of a result that has text.
    /// If the result has nothing else, its JSON is the text too.
    /// </summary>
    /// <exception cref="McpServerException">The tool failed.</exception>
    public static object Read(CallToolResult result)
    {
        List<AIContent> contents = [.. result.Content.Select(Read)];
        var text = contents.TrueForAll(static content => content is TextContent)
            ? string.Join('\n', contents.Cast<TextContent>().Select(static content => content.Text))
            : null;
        if (result.IsError is true)
        {
            throw new McpServerException(
                text ?? string.Join('\n', contents.OfType<TextContent>().Select(static content => content.Text)));
        }

        if (text is null)
        {
            return contents;
        }

        return result.StructuredContent is { } structured
            ? new ToolOutput(text.Length == 0 ? structured.GetRawText() : text) { Artifact = structured }
            : text;
    }

    private static AIContent Read(ContentBlock block) => block switch
    {
        ResourceLinkBlock link when Uri.TryCreate(link.Uri, UriKind.Absolute, out var uri) =>
            new UriContent(uri, link.MimeType ?? "application/octet-stream"),
        ResourceLinkBlock link => new TextContent(link.Uri),
        // What the content is of is worth more to a model than nothing.
        _ => block.ToAIContent() ?? new TextContent($"[{block.Type}]"),
    };
}

using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Weft.Agents;

/// <summary>Cuts results of tools that are too long for a conversation.</summary>
internal sealed class ResultLimit(int charsMax)
{
    /// <summary>Returns the text, or its start and a note.</summary>
    public string Cut(string text)
    {
        if (text.Length <= charsMax)
        {
            return text;
        }

        var length = charsMax > 0 && char.IsHighSurrogate(text[charsMax - 1]) ? charsMax - 1 : charsMax;
        return $"{text.AsSpan(0, length)}\n[Cut: the result has {text.Length} characters, and only the first {length} are here.]";
    }

    /// <summary>Returns the result with its texts cut. Images and other data are not text.</summary>
    [return: NotNullIfNotNull(nameof(result))]
    public object? Cut(object? result)
    {
        switch (result)
        {
            case string text:
                return Cut(text);
            case JsonElement json when json.GetRawText() is { } raw && raw.Length > charsMax:
                return json.ValueKind == JsonValueKind.String ? Cut(json.GetString()!)
                    : ContentBlocks.IsBlocks(json) ? ContentBlocks.Read(json).Select(CutContent).ToList()
                    : Cut(raw);
            case AIContent content:
                return CutContent(content);
            case IEnumerable<AIContent> contents:
                return contents.Select(CutContent).ToList();
            default:
                return result;
        }
    }

    /// <summary>Returns a content of its own for a long text, because the tool may give the same object to other runs.</summary>
    private AIContent CutContent(AIContent content) => content is TextContent text && text.Text.Length > charsMax
        ? new TextContent(Cut(text.Text)) { AdditionalProperties = text.AdditionalProperties, Annotations = text.Annotations }
        : content;
}

using Microsoft.Extensions.AI;

namespace Weft.Agents;

/// <summary>
/// Joins characters that a model sends in two updates, as some local models send emoji. Half of a surrogate pair has no
/// UTF-8 encoding, so the first half is held back until the second comes.
/// </summary>
internal sealed class WholeCharacters
{
    private char? _half;
    private bool _isReasoning;

    /// <summary>Returns the update with whole characters; usually the same object.</summary>
    public ChatResponseUpdate Next(ChatResponseUpdate update)
    {
        if (_half is null && !EndsWithHalf(update.Contents))
        {
            return update;
        }

        var whole = new List<AIContent>();
        foreach (var content in update.Contents)
        {
            Add(content, whole);
        }

        var copy = update.Clone();
        copy.Contents = whole;
        return copy;
    }

    /// <summary>Returns the half that is held back, at the end of its message; null if there is none.</summary>
    public AIContent? Flush()
    {
        var rest = _half is { } half ? ContentOf(half.ToString(), _isReasoning) : null;
        _half = null;
        return rest;
    }

    private void Add(AIContent content, List<AIContent> whole)
    {
        var text = TextOf(content);
        var isReasoning = content is TextReasoningContent;
        if (_half is not null && (text is null || (text.Length > 0 && isReasoning != _isReasoning)) && content is not UsageContent)
        {
            whole.Add(Flush()!);
        }

        if (string.IsNullOrEmpty(text))
        {
            whole.Add(content);
            return;
        }

        if (_half is { } first)
        {
            text = first + text;
            _half = null;
        }

        if (char.IsHighSurrogate(text[^1]))
        {
            _half = text[^1];
            _isReasoning = isReasoning;
            text = text[..^1];
        }

        if (text.Length > 0)
        {
            whole.Add(ContentOf(text, isReasoning));
        }
    }

    private static bool EndsWithHalf(IList<AIContent> contents)
    {
        for (var i = 0; i < contents.Count; i++)
        {
            if (TextOf(contents[i]) is { Length: > 0 } text && char.IsHighSurrogate(text[^1]))
            {
                return true;
            }
        }

        return false;
    }

    private static string? TextOf(AIContent content) => content switch
    {
        TextContent text => text.Text,
        TextReasoningContent reasoning => reasoning.Text,
        _ => null,
    };

    private static AIContent ContentOf(string text, bool isReasoning) =>
        isReasoning ? new TextReasoningContent(text) : new TextContent(text);
}

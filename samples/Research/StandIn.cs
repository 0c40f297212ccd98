using Microsoft.Extensions.AI;

namespace Weft.Samples;

/// <summary>The answers of this sample if no language model is configured.</summary>
internal static class StandIn
{
    public static AIContent Answer(IReadOnlyList<ChatMessage> messages)
    {
        var text = messages[^1].Text;
        return new TextContent(
            text.StartsWith("List three questions", StringComparison.Ordinal) ? "Who made the first?\nHow does it work?\nWhere is it used?"
            : text.StartsWith("Answer in one sentence", StringComparison.Ordinal) ? "Nobody knows."
            : $"# Report\n{text[(text.IndexOf('\n', StringComparison.Ordinal) + 1)..]}");
    }
}

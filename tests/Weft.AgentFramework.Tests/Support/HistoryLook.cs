using Microsoft.Extensions.AI;

namespace Weft.AgentFramework.Tests;

/// <summary>Short ways to look into what a model was asked.</summary>
internal static class HistoryLook
{
    /// <summary>The messages as <c>role: text</c>; calls and results as <c>role: call name</c> and <c>role: result text</c>.</summary>
    public static string[] Said(this IEnumerable<ChatMessage> messages) =>
        [.. messages.Select(message => $"{message.Role}: {string.Join(" ", message.Contents.Select(Shown))}")];

    private static string Shown(AIContent content) => content switch
    {
        TextContent text => text.Text,
        FunctionCallContent call => $"call {call.Name}",
        FunctionResultContent result => $"result {result.Result}",
        _ => content.GetType().Name,
    };
}

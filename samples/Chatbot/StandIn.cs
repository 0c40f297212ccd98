using Microsoft.Extensions.AI;

namespace Weft.Samples;

/// <summary>The answers of this sample if no language model is configured.</summary>
internal static class StandIn
{
    private const string Introduction = "My name is ";

    public static AIContent Answer(IReadOnlyList<ChatMessage> messages)
    {
        if (messages[^1].Contents.OfType<FunctionResultContent>().SingleOrDefault() is { } result)
        {
            return new TextContent($"I was told: {result.Result}");
        }

        return messages[^1].Text.Split(": ") switch
        {
            ["Search for", var query] => StandInModel.Call("search", ("query", query)),
            ["Ask an expert", var question] => StandInModel.Call("ask_expert", ("question", question)),
            ["Save the birthday of Ada Lovelace."] =>
                StandInModel.Call("save_birthday", ("person", "Ada Lovelace"), ("birthday", "1815-12-11")),
            ["What is my name?"] => new TextContent(NameIn(messages) is { } name ? $"Your name is {name}." : "I do not know your name."),
            _ => new TextContent($"You said: {messages[^1].Text}"),
        };
    }

    private static string? NameIn(IReadOnlyList<ChatMessage> messages) => messages
        .Where(message => message.Text.StartsWith(Introduction, StringComparison.Ordinal))
        .Select(message => message.Text[Introduction.Length..].TrimEnd('.'))
        .FirstOrDefault();
}

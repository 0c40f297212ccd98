using Microsoft.Extensions.AI;

namespace Weft.Samples;

/// <summary>The answers of this sample if no language model is configured.</summary>
internal static class StandIn
{
    public static AIContent Answer(IReadOnlyList<ChatMessage> messages) => messages[^1] switch
    {
        { Role.Value: "tool" } message => new TextContent($"{message.Contents.OfType<FunctionResultContent>().Single().Result}"),
        { Text: var text } when text.Contains("pay", StringComparison.OrdinalIgnoreCase) =>
            StandInModel.Call("pay", ("to", "Ann"), ("euros", 20)),
        { Text: var text } when text.Contains("balance", StringComparison.OrdinalIgnoreCase) => StandInModel.Call("balance"),
        _ => new TextContent("I know two things: \"What is my balance?\" and \"Pay Ann 20 euros.\""),
    };
}

using Microsoft.Extensions.AI;

namespace Weft.Samples;

/// <summary>The answers of this sample if no language model is configured.</summary>
internal static class StandIn
{
    public static AIContent Answer(IReadOnlyList<ChatMessage> messages) => (messages[0].Text.Split(' ')[1], messages[^1]) switch
    {
        ("write", _) => new TextContent("Silk: feel it once."),
        ("judge", _) => new TextContent("Short and good."),
        (_, { Role.Value: "tool" } last) => new TextContent($"{last.Contents.OfType<FunctionResultContent>().Single().Result}"),
        (_, { Text: var text }) when text.Contains("cost", StringComparison.Ordinal) => StandInModel.Call("price", ("item", "silk")),
        (_, { Text: var text }) when text.Contains("order", StringComparison.OrdinalIgnoreCase) =>
            StandInModel.Call("order", ("item", "silk")),
        _ => new TextContent("I know two things: \"What does silk cost?\" and \"Order silk.\""),
    };
}

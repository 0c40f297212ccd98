using Microsoft.Extensions.AI;

namespace Weft.Samples;

/// <summary>The answers of this sample if no language model is configured.</summary>
internal static class StandIn
{
    public static AIContent Answer(IReadOnlyList<ChatMessage> messages) =>
        messages[^1].Contents.OfType<FunctionResultContent>().SingleOrDefault() is { } result
            ? new TextContent($"The manual says: {result.Result}")
            : StandInModel.Call("search_manual", ("question", messages[^1].Text));
}

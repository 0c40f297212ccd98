using Microsoft.Extensions.AI;

namespace Weft.Samples;

/// <summary>The answers of this sample if no language model is configured.</summary>
internal static class StandIn
{
    public static AIContent Answer(IReadOnlyList<ChatMessage> messages)
    {
        var instructions = messages[0].Text.Split('.')[0];
        var last = messages[^1].Contents.OfType<FunctionResultContent>().SingleOrDefault()?.Result?.ToString() ?? messages[^1].Text;
        return (instructions, last) switch
        {
            ("You are the accountant", "90") => new TextContent("It costs 90 euros."),
            ("You are the accountant", _) => StandInModel.Call("price", ("item", "silk")),
            ("You are a writer", _) => new TextContent("dear Ann, silk costs 90 euros"),
            ("You are an editor", _) => new TextContent("Dear Ann, silk costs 90 euros."),
            (_, "accountant is done.") => StandInModel.Call("transfer_to_writer"),
            (_, "writer is done.") => new TextContent("The letter is written."),
            _ => StandInModel.Call("transfer_to_accountant"),
        };
    }
}

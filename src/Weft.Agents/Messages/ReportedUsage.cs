using Microsoft.Extensions.AI;
using Weft.Graphs;

namespace Weft.Agents;

/// <summary>Counts the tokens that a model reports for the run whose node called it.</summary>
internal static class ReportedUsage
{
    /// <summary>Counts what an update reports. Its message has an id.</summary>
    /// <param name="context">The context of the node.</param>
    /// <param name="update">The update.</param>
    /// <param name="client">The client, for the name of a model that does not say it; null if it is not known.</param>
    /// <param name="options">The options of the call.</param>
    /// <param name="timed">The entry of the call in the timeline of the run; null if nobody wants to know.</param>
    public static void Add(
        NodeContext context, ChatResponseUpdate update, IChatClient? client, ChatOptions? options, TimedCall? timed = null)
    {
        if (context.Usage is not { } usage)
        {
            return;
        }

        // Without an enumerator: most updates have one content, and there are many.
        var contents = update.Contents;
        for (var i = 0; i < contents.Count; i++)
        {
            if (contents[i] is UsageContent { Details: { } details })
            {
                var (model, tokens) = (update.ModelId ?? client?.ModelInfoOf(options).Name, Of(details));
                usage.AddCall(update.MessageId!, model, tokens);
                timed?.Add(model, tokens);
            }
        }
    }

    /// <summary>Counts what a response reports. Its messages have ids.</summary>
    public static void Add(NodeContext context, ChatResponse response, IChatClient client, ChatOptions? options, TimedCall? timed)
    {
        if (context.Usage is { } usage && response is { Usage: { } details, Messages: [.., { MessageId: { } id }] })
        {
            var (model, tokens) = (response.ModelId ?? client.ModelInfoOf(options).Name, Of(details));
            usage.AddCall(id, model, tokens);
            timed?.Add(model, tokens);
        }
    }

    private static TokenUsage Of(UsageDetails details)
    {
        var (input, output) = (details.InputTokenCount ?? 0, details.OutputTokenCount ?? 0);
        return new TokenUsage(
            input, output, details.TotalTokenCount ?? input + output, details.CachedInputTokenCount ?? 0, details.ReasoningTokenCount ?? 0);
    }
}

using System.Text;
using Microsoft.Extensions.AI;
using Weft.Graphs;

namespace Weft.Agents;

/// <summary>The node that summarizes older messages, and what the model then sees of them.</summary>
internal sealed class HistorySummary(IChatClient client, MessagesChannel messages, SummaryOptions options, string? modelId)
{
    private readonly IChatClient _client = (options.Client ?? client).StreamToGraph();

    public LastValueChannel<RunningSummary> Channel { get; } =
        Graphs.Channel.LastValue("running_summary", AgentsJsonContext.Default.RunningSummary);

    /// <summary>Extends the summary if the messages behind it are too long.</summary>
    public async Task<NodeResult> RunAsync(NodeContext context, CancellationToken cancellationToken)
    {
        var history = context.Get(messages);
        var (before, start) = Split(context, history);
        IReadOnlyList<Message> open = [.. history.Skip(start)];
        if (open.Sum(message => (long)options.CountTokens(message)) <= options.TokensMax)
        {
            return StateUpdate.None;
        }

        var count = CountToSummarize(open);
        if (count == 0 || (count == 1 && start == LastOfUser(history)))
        {
            return StateUpdate.None;
        }

        var summary = await _client.GetMessageAsync(
            [Message.System(options.Prompt), Message.Human(Request(before, open.Take(count)))],
            new ChatOptions { ModelId = options.Client is null ? modelId : null }.WithoutStream(),
            cancellationToken);
        return new StateUpdate().Set(Channel, new RunningSummary(summary.Text, open[count - 1].Id!));
    }

    /// <summary>
    /// Returns the messages that the model sees as they are, and the message with the summary of the others; null if there is
    /// none. System messages at the start and the last message of a user are always seen: in a long turn that message is older
    /// than much of what is summarized.
    /// </summary>
    public (Message? Summary, IReadOnlyList<Message> Seen) Shorten(NodeContext context, IReadOnlyList<Message> history)
    {
        var (summary, start) = Split(context, history);
        if (summary is null)
        {
            return (null, history);
        }

        var asked = LastOfUser(history);
        IEnumerable<Message> question = asked >= 0 && asked < start ? [history[asked]] : [];
        // The text comes from users and tools, so it must not have the rank of instructions.
        return (
            Message.Human($"Summary of the conversation before the messages below:\n{summary.Summary}"),
            [.. history.Take(Instructions(history)), .. question, .. history.Skip(start)]);
    }

    private static int Instructions(IReadOnlyList<Message> history) => history.TakeWhile(message => message.Type == "system").Count();

    private static int LastOfUser(IReadOnlyList<Message> history)
    {
        var last = history.Count - 1;
        while (last >= 0 && history[last].Type != "human")
        {
            last--;
        }

        return last;
    }

    /// <summary>
    /// Returns the summary and the position of the first message that is not part of it. If the last summarized message was
    /// removed, the summary does not count any more.
    /// </summary>
    private (RunningSummary? Summary, int Start) Split(NodeContext context, IReadOnlyList<Message> history)
    {
        if (context.Get(Channel) is { } summary)
        {
            for (var i = history.Count - 1; i >= 0; i--)
            {
                if (history[i].Id == summary.LastSummarizedMessageId)
                {
                    return (summary, Math.Max(i + 1, Instructions(history)));
                }
            }
        }

        return (null, Instructions(history));
    }

    /// <summary>
    /// The messages before the newest ones, which end before a message of a user, or else before one of the model: a result
    /// must not lose its call.
    /// </summary>
    private int CountToSummarize(IReadOnlyList<Message> open)
    {
        // The last message is what the model has to answer.
        var start = Math.Min(HistoryView.FirstWithin(open, options.TokensKept, options.CountTokens), open.Count - 1);
        for (var i = start; i < open.Count; i++)
        {
            if (open[i].Type == "human")
            {
                return i;
            }
        }

        while (start > 0 && open[start].Type != "ai")
        {
            start--;
        }

        return start;
    }

    private static string Request(RunningSummary? before, IEnumerable<Message> messages)
    {
        var text = new StringBuilder();
        if (before is not null)
        {
            text.Append("The summary so far:\n").Append(before.Summary).Append("\n\nExtend it by these messages:\n");
        }
        else
        {
            text.Append("Summarize these messages:\n");
        }

        foreach (var message in messages)
        {
            text.Append('\n').Append(message.Type);
            if (message.Name is { } name)
            {
                text.Append(' ').Append(name);
            }

            text.Append(": ").Append(message.Text);
            foreach (var call in message.ToolCalls)
            {
                text.Append(" [calls ").Append(call.Name).Append(' ').Append(call.Args.GetRawText()).Append(']');
            }
        }

        return text.ToString();
    }
}

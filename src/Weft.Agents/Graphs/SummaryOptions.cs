using Microsoft.Extensions.AI;
using Weft.Graphs;

namespace Weft.Agents;

/// <summary>
/// When and how an agent summarizes the older messages of a conversation. The model then sees the summary in their place. The
/// summary is a value of the state, <c>running_summary</c>, and each later one extends it.
/// </summary>
public sealed record SummaryOptions
{
    /// <summary>
    /// The number of tokens of messages, from which on older ones are summarized. Messages that are already part of the summary
    /// do not count. Default: 32,000.
    /// </summary>
    public int TokensMax { get; init; } = 32_000;

    /// <summary>
    /// The number of tokens of the newest messages that the model still sees as they are. Calls of tools stay with their
    /// results. Default: 8,000.
    /// </summary>
    public int TokensKept { get; init; } = 8_000;

    /// <summary>The model that summarizes; null means that of the agent. Default: null.</summary>
    public IChatClient? Client { get; init; }

    /// <summary>The instructions of that model.</summary>
    public string Prompt { get; init; } =
        "You write the summary of a conversation between a user and an assistant, which the assistant reads in place of the "
        + "conversation. Keep facts, names, numbers, decisions and open questions. Write only the summary.";

    /// <summary>Estimates the tokens of a message. Default: a fourth of the bytes of its JSON.</summary>
    public Func<Message, int> CountTokens { get; init; } = HistoryView.EstimateTokens;
}

using Microsoft.Extensions.AI;
using Weft.Graphs;

namespace Weft.Agents;

/// <summary>How an <see cref="AgentGraph"/> is made.</summary>
public sealed record AgentGraphOptions
{
    /// <summary>The name of the graph. Default: <c>agent</c>.</summary>
    public string Name { get; init; } = "agent";

    /// <summary>
    /// What the model is told before the conversation; it is not kept in the state. Default: nothing.
    /// </summary>
    public string? SystemPrompt { get; init; }

    /// <summary>The channel of the conversation. Give one to read it from code. Default: <c>messages</c>.</summary>
    public MessagesChannel Messages { get; init; } = Channel.Messages();

    /// <summary>
    /// Channels that tools read by <see cref="NodeContext.Current"/> and write by <see cref="ToolOutput"/>. Default:
    /// none.
    /// </summary>
    public IReadOnlyList<StateChannel> Channels { get; init; } = [];

    /// <summary>
    /// The names of tools that a person has to approve each call of, beside those that are an
    /// <see cref="ApprovalRequiredAIFunction"/>. Default: none.
    /// </summary>
    public IReadOnlyCollection<string> RequireApproval { get; init; } = [];

    /// <summary>Options of each call of the model; the tools are added. Default: none.</summary>
    public ChatOptions? ChatOptions { get; init; }

    /// <summary>
    /// What the model is told when a tool throws. Default: <c>Error: </c> and the exception's message.
    /// </summary>
    public Func<Exception, string> DescribeError { get; init; } = static error => $"Error: {error.Message}";
}

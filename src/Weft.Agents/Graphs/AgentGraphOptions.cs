using Microsoft.Extensions.AI;
using Weft.Graphs;

namespace Weft.Agents;

/// <summary>Options of an <see cref="AgentGraph"/>.</summary>
public sealed record AgentGraphOptions
{
    /// <summary>The name of the graph. Default: <c>agent</c>.</summary>
    public string Name { get; init; } = "agent";

    /// <summary>
    /// The instructions that the model gets before the conversation. They are not stored in the state. Default: none.
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
    /// The names of tools whose calls a person has to approve, in addition to those that are an
    /// <see cref="ApprovalRequiredAIFunction"/>. Default: none.
    /// </summary>
    public IReadOnlyCollection<string> RequireApproval { get; init; } = [];

    /// <summary>Options of each call of the model; the tools are added. Default: none.</summary>
    public ChatOptions? ChatOptions { get; init; }

    /// <summary>
    /// Makes the result that the model gets if a tool throws. Default: <c>Error: </c> and the exception's message.
    /// </summary>
    public Func<Exception, string> DescribeError { get; init; } = static error => $"Error: {error.Message}";
}
